"""Lines beside calls: their desk, the line doctor, what is learned of them."""
