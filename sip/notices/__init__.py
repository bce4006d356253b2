"""What leaves the house: mails from the outbox."""
