#include "packet.h"

enum {
  RTP_HEADER_SIZE = 12,
  RTCP_HEADER_SIZE = 4,
  RTCP_SENDER_REPORT = 200,
  RTCP_RECEIVER_REPORT = 201,
  RTCP_LAST_TYPE = 207, /* 204 APP, 205-206 feedback (RFC 4585), 207 XR (RFC 3611) */
  REPORT_BLOCK_SIZE = 24,
};

bool rtp_parse(const uint8_t *data, size_t size, struct rtp_header *header,
               const uint8_t **payload, size_t *payload_size) {
  if (size < RTP_HEADER_SIZE || data[0] >> 6 != 2) return false;
  uint8_t payload_type = data[1] & 0x7f;
  /* These would read as RTCP's 200-204 on a shared port (RFC 3550 A.1). */
  if (payload_type >= 72 && payload_type <= 76) return false;
  size_t start = RTP_HEADER_SIZE + 4u * (data[0] & 0x0f), end = size;
  if (data[0] & 0x10) { /* header extension, §5.3.1 */
    if (start + 4 > size) return false;
    start += 4 + 4u * read_u16(data + start + 2);
  }
  if (start > size) return false;
  if (data[0] & 0x20) { /* padding, its last octet counts itself */
    uint8_t padding = data[size - 1];
    if (padding == 0 || padding > size - start) return false;
    end -= padding;
  }
  header->marker = data[1] >> 7;
  header->payload_type = payload_type;
  header->sequence_number = read_u16(data + 2);
  header->timestamp = read_u32(data + 4);
  header->ssrc = read_u32(data + 8);
  *payload = data + start;
  *payload_size = end - start;
  return true;
}

bool telephone_event_parse(const uint8_t *payload, size_t size, struct telephone_event *event) {
  if (size < 4) return false;
  event->code = payload[0];
  event->is_end = payload[1] >> 7;
  event->duration = read_u16(payload + 2);
  return true;
}

bool rtcp_is_valid(const uint8_t *data, size_t size) {
  if (size < RTCP_HEADER_SIZE) return false;
  for (size_t at = 0; at < size;) {
    if (size - at < RTCP_HEADER_SIZE || data[at] >> 6 != 2) return false;
    if (data[at + 1] < RTCP_SENDER_REPORT || data[at + 1] > RTCP_LAST_TYPE) return false;
    size_t length = 4u * (read_u16(data + at + 2) + 1u);
    if (length > size - at) return false;
    /* Only the last packet of a compound may be padded. */
    if ((data[at] & 0x20) && at + length != size) return false;
    at += length;
  }
  return true;
}

static void visit_blocks(const uint8_t *block, size_t count, size_t room, rtcp_visitor *visit,
                         void *context) {
  for (; count > 0 && room >= REPORT_BLOCK_SIZE; count--) {
    struct rtcp_report report = {0, read_u32(block + 16), read_u32(block + 20)};
    visit(context, &report);
    block += REPORT_BLOCK_SIZE;
    room -= REPORT_BLOCK_SIZE;
  }
}

void rtcp_visit(const uint8_t *data, size_t size, rtcp_visitor *visit, void *context) {
  for (size_t at = 0; at + RTCP_HEADER_SIZE <= size;) {
    const uint8_t *packet = data + at;
    size_t length = 4u * (read_u16(packet + 2) + 1u), head = 8;
    if (length > size - at) return;
    if (packet[1] == RTCP_SENDER_REPORT && length >= 28) {
      struct rtcp_report report = {read_u32(packet + 10), 0, 0};
      head = 28;
      visit(context, &report);
    }
    bool has_blocks = packet[1] == RTCP_SENDER_REPORT || packet[1] == RTCP_RECEIVER_REPORT;
    if (has_blocks && length >= head)
      visit_blocks(packet + head, packet[0] & 0x1f, length - head, visit, context);
    at += length;
  }
}
