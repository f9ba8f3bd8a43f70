"""What readers may do in view mode: pure rules, from a message or request to what becomes of it."""
