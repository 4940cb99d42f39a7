"""Rule 0 in one place: what any source sends of a record, read into those of the snapshot."""
