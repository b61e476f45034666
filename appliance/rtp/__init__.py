"""PURE: RTP and RTCP (RFC 3550), telephone events (RFC 4733), call progress tones per country."""
