"""Who sends news, and how it is read: one module each."""
