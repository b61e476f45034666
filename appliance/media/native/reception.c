#include "reception.h"

enum { MAX_DROPOUT = 3000, MAX_MISORDER = 100, SEQUENCE_MODULUS = 1 << 16, JUMP_S = 10 };

static int64_t lost_of_source(const struct reception *r) {
  if (!r->has_source) return 0;
  return (int64_t)(r->cycles + r->max_sequence - r->base_sequence + 1) - (int64_t)r->received;
}

static void begin_source(struct reception *r, uint32_t ssrc, uint16_t sequence) {
  r->lost_before += lost_of_source(r);
  r->ssrc = ssrc;
  r->base_sequence = r->max_sequence = sequence;
  r->bad_sequence = SEQUENCE_MODULUS + 1; /* matches no number */
  r->cycles = r->received = 0;
  r->has_source = true;
  r->has_transit = false;
}

/* A.1 without probation: the address has vouched for the source already. False = out of range. */
static bool update_sequence(struct reception *r, uint16_t sequence) {
  uint16_t step = (uint16_t)(sequence - r->max_sequence);
  if (step < MAX_DROPOUT) {
    if (sequence < r->max_sequence) r->cycles += SEQUENCE_MODULUS;
    r->max_sequence = sequence;
  } else if (step <= SEQUENCE_MODULUS - MAX_MISORDER) {
    if (sequence != r->bad_sequence) {
      r->bad_sequence = (sequence + 1u) & (SEQUENCE_MODULUS - 1);
      return false;
    }
    begin_source(r, r->ssrc, sequence); /* two in a row: the far end restarted */
  }
  r->received++;
  return true;
}

static void update_jitter(struct reception *r, uint32_t timestamp, uint64_t arrival_ns) {
  uint32_t arrival = (uint32_t)((arrival_ns / 1000) * r->rate_hz / 1000000);
  uint32_t transit = arrival - timestamp;
  int32_t change = (int32_t)(transit - r->transit);
  uint32_t distance = change < 0 ? 0u - (uint32_t)change : (uint32_t)change;
  bool is_jump = distance > JUMP_S * r->rate_hz;
  if (r->has_transit && !is_jump) {
    r->jitter += distance - ((r->jitter + 8) >> 4);
    r->has_jitter = true;
  }
  r->transit = transit;
  r->has_transit = true;
}

void reception_set_rate(struct reception *r, uint32_t rate_hz) {
  if (r->rate_hz == rate_hz) return;
  r->rate_hz = rate_hz;
  r->jitter = 0;
  r->has_transit = r->has_jitter = false;
}

void reception_count(struct reception *r, const struct rtp_header *header, uint64_t arrival_ns,
                     bool is_event) {
  if (!r->has_source || r->ssrc != header->ssrc)
    begin_source(r, header->ssrc, header->sequence_number);
  if (update_sequence(r, header->sequence_number) && !is_event)
    update_jitter(r, header->timestamp, arrival_ns);
}

int64_t reception_lost(const struct reception *r) { return r->lost_before + lost_of_source(r); }

double reception_jitter_ms(const struct reception *r) {
  return r->rate_hz ? (double)r->jitter / 16.0 * 1000.0 / r->rate_hz : 0.0;
}
