"""Everything that changes drafts, by noun: the live text, its arrangement, versions, whole documents."""
