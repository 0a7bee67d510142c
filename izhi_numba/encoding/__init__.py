"""What a checkpoint says: values as text, and code by reference, with words for what it means."""
