"""What becomes of an event that was read: taken by Temporal, or spooled; delivered in order; nothing lost."""
