"""What people clicked, beside what the judge says."""
