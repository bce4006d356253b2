"""Shared HTTP: transactions, errors, forms, paging, languages, security headers."""
