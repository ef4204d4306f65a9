"""What answers or asks over the network, as a test wants."""
