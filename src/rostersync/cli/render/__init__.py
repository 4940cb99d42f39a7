"""From results to documents, and from documents to what a person reads."""
