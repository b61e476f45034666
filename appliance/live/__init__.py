"""What is going on now: live calls, and who looks at them."""
