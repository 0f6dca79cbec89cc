"""Pictures of writing as arrays: opening files, filters, connected patches, geometry."""
