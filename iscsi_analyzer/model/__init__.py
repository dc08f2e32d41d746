"""What a connection is and does: login, negotiation, requests and what answers them. No opinions."""
