"""Images that come with warmgate, and what builds them."""
