/* What a datagram is: RTP (RFC 3550 §5.1), RTCP (§6) or a telephone event (RFC 4733 §2.3).
   Pure functions over octets from the network; nothing outside [data, data + size) is read. */
#ifndef DOZVON_PACKET_H
#define DOZVON_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtp_header {
  uint32_t timestamp, ssrc;
  uint16_t sequence_number;
  uint8_t payload_type;
  bool marker;
};

struct telephone_event {
  uint32_t duration; /* in units of the RTP clock */
  uint8_t code;
  bool is_end;
};

/* One report block or sender report, as far as round trips need it. */
struct rtcp_report {
  uint32_t ntp_middle; /* of a sender report, 0 if none */
  uint32_t last_sr, delay_since_last_sr;
};

static inline uint16_t read_u16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t read_u32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
static inline void write_u16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}
static inline void write_u32(uint8_t *at, uint32_t value) {
  write_u16(at, (uint16_t)(value >> 16));
  write_u16(at + 2, (uint16_t)value);
}

/* True for a well-formed RTP packet; fills header. *payload and *payload_size leave out CSRCs,
   extension and padding. */
bool rtp_parse(const uint8_t *data, size_t size, struct rtp_header *header,
               const uint8_t **payload, size_t *payload_size);

/* False when the payload is too short to be an event. */
bool telephone_event_parse(const uint8_t *payload, size_t size, struct telephone_event *event);

/* True when the compound packet's lengths and versions hold (RFC 3550 A.2; RFC 5506 accepted). */
bool rtcp_is_valid(const uint8_t *data, size_t size);

/* Calls back for every sender report and every report block of a valid compound packet. */
typedef void rtcp_visitor(void *context, const struct rtcp_report *report);
void rtcp_visit(const uint8_t *data, size_t size, rtcp_visitor *visit, void *context);

#endif
