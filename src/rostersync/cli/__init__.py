"""The command line: one file a command, each parses, calls the pipeline, and shows a document."""
