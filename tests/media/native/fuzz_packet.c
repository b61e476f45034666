/* libFuzzer harness of everything that reads octets from the network: headers, reports, events,
   and what is kept of them. The input is a row of packets, each after two octets of its length. */
#include "keys.h"
#include "packet.h"
#include "reception.h"
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

struct far_end {
  struct reception reception;
  struct keys keys;
  struct recorder recorder;
  int64_t recorded;
  uint64_t now_ns;
};

static void read_report(void *context, const struct rtcp_report *report) {
  uint32_t *sum = context;
  *sum += report->ntp_middle ^ report->last_sr ^ report->delay_since_last_sr;
}

static void check_presses(const struct key_press *presses, int count) {
  if (count > KEYS_AT_ONCE) abort();
  for (int i = 0; i < count; i++)
    if (!strchr("0123456789*#ABCD!", presses[i].digit)) abort();
}

/* No more than time has passed, and nothing is given twice. */
static void record(struct far_end *end, const struct rtp_header *header, const uint8_t *payload,
                   size_t size) {
  static uint8_t taken[RECORD_KEPT];
  struct recorder *recorder = &end->recorder;
  recorder_hear_rtp(recorder, header, payload, size, end->now_ns);
  if (recorder->end > (int64_t)(end->now_ns / 125000) + RECORD_FORERUN) abort();
  if (size % 7 == 0) end->recorded += (int64_t)recorder_take(recorder, taken, 1 + size * 9, end->now_ns);
  if (recorder->taken != end->recorded + (int64_t)recorder->lost) abort();
  if (recorder->end - recorder->taken > RECORD_KEPT) abort();
}

static void read_rtp(struct far_end *end, const uint8_t *data, size_t size) {
  struct rtp_header header;
  struct telephone_event event;
  struct key_press presses[KEYS_AT_ONCE];
  const uint8_t *payload;
  size_t payload_size;
  if (!rtp_parse(data, size, &header, &payload, &payload_size)) return;
  if (payload < data + 12 || payload + payload_size > data + size) abort();
  bool is_event = header.payload_type == 101;
  if (is_event && telephone_event_parse(payload, payload_size, &event))
    check_presses(presses, keys_hear(&end->keys, &header, &event, end->now_ns, presses));
  reception_count(&end->reception, &header, end->now_ns, is_event);
  if (reception_jitter_ms(&end->reception) < 0) abort();
  record(end, &header, payload, payload_size);
}

static void read_packet(struct far_end *end, const uint8_t *data, size_t size) {
  uint32_t sum = 0;
  struct key_press press;
  end->now_ns += size == 1 ? 5000000000 : 20000000; /* pauses, too */
  read_rtp(end, data, size);
  if (keys_expire(&end->keys, end->now_ns, &press)) check_presses(&press, 1);
  if (rtcp_is_valid(data, size)) rtcp_visit(data, size, read_report, &sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct far_end end;
  memset(&end, 0, sizeof end);
  end.reception.rate_hz = 8000;
  end.now_ns = 1;
  recorder_begin(&end.recorder);
  while (size >= 2) {
    size_t length = read_u16(data) % 256;
    data += 2;
    size -= 2;
    if (length > size) length = size;
    uint8_t *exact = malloc(length ? length : 1); /* its own block: one octet too far is seen */
    if (length) memcpy(exact, data, length);
    read_packet(&end, exact, length);
    free(exact);
    data += length;
    size -= length;
  }
  return 0;
}
