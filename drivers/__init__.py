"""Line drivers behind one contract; knows nothing of calls or SIP."""
