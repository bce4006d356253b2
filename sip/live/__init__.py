"""Live co-editing: shared documents, their people, the socket and the hub that owns them all."""
