"""What the validator looks at: form, values, references and sense of the files of a package."""
