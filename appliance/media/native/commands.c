/* What may be asked of a stream: each command takes the lock, acts, and returns. */
#include "line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_GENERATION = 1 << 18, TELEPHONE_RATE_HZ = 8000 };

static uint32_t free_slot(const struct core *core) {
  for (uint32_t slot = 0; slot < core->highest; slot++)
    if (core->streams[slot].number < 0) return slot;
  return core->highest;
}

static int open_ports(struct core *core, struct stream *stream, const char *host, uint16_t port) {
  struct address local;
  uint64_t key = (uint64_t)stream->number << 2;
  int error = address_parse(&local, host, port);
  if (!error) error = port_open(&stream->rtp, &local, core->epoll, key);
  if (error) return error;
  address_parse(&local, host, (uint16_t)(port + 1));
  error = port_open(&stream->rtcp, &local, core->epoll, key | 2);
  if (error) port_close(&stream->rtp);
  return error;
}

static int open_stream(struct core *core, const char *host, uint16_t port) {
  uint32_t slot = free_slot(core);
  if (slot == core->capacity) return -ENOSPC;
  struct stream *stream = &core->streams[slot];
  unsigned generation = (stream->generation + 1) % MAX_GENERATION;
  memset(stream, 0, sizeof *stream);
  stream->generation = generation;
  stream->number = (int)(generation << SLOT_BITS | slot);
  stream->event_payload_type = stream->audio_payload_type = -1;
  stream->round_trip_ns = -1;
  stream->opened_ns = core->now_ns;
  stream->reception.rate_hz = TELEPHONE_RATE_HZ;
  player_init(&stream->player);
  int error = open_ports(core, stream, host, port);
  int number = stream->number;
  if (slot == core->highest) core->highest++;
  if (!error) return number;
  stream->number = -1;
  return error;
}

int core_open(struct core *core, const char *host, uint16_t port) {
  core_lock(core);
  int number = open_stream(core, host, port);
  core_unlock(core);
  return number;
}

static void part(struct stream *stream) {
  stream->echoes = false;
  if (stream->peer) stream->peer->peer = NULL;
  stream->peer = NULL;
  if (stream->line) line_part(stream);
}

void stream_rest(struct stream *stream) {
  part(stream);
  player_stop(&stream->player);
}

int core_close(struct core *core, int number) {
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) {
    stream_rest(stream);
    free(stream->recorder);
    stream->recorder = NULL;
    port_close(&stream->rtp);
    port_close(&stream->rtcp);
    stream->number = -1;
  }
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}

/* signalled_from: NULL where the far end is not behind a NAT. */
static void aim(struct port *port, const struct address *far, const struct address *signalled_from) {
  if (signalled_from)
    port_begin_learning(port, far, signalled_from);
  else
    port_await_remote(port, far);
}

/* Behind a NAT an address without a way is no harm: media comes from another. To whom signalling
   came from there is one: the kernel need not be asked, which takes four system calls. */
static int refuse(const struct port *port, const struct address *far, bool is_behind_nat,
                  const struct address *source) {
  bool has_family = far->any.sa_family == port->local.any.sa_family;
  if (has_family && address_is_same_host(far, source)) return 0;
  int error = port_find_way(port, far);
  return is_behind_nat && error != -EACCES && error != -EAFNOSUPPORT ? 0 : error;
}

/* What is refused changes nothing: media goes on with the far end that it had. */
static int set_remote(struct core *core, struct stream *stream, const struct address *rtp,
                      const struct address *rtcp, bool is_behind_nat,
                      const struct address *source) {
  const struct address *signalled_from = is_behind_nat ? source : NULL;
  bool has_rtcp = address_port(rtcp) != 0;
  if (core_owns(core, rtp) || (has_rtcp && core_owns(core, rtcp))) return -ELOOP;
  int error = refuse(&stream->rtp, rtp, is_behind_nat, source);
  if (error) return error;
  aim(&stream->rtp, rtp, signalled_from);
  port_silence(&stream->rtcp);
  if (has_rtcp) aim(&stream->rtcp, rtcp, signalled_from);
  return 0;
}

int core_set_remote(struct core *core, int number, const char *host, uint16_t port,
                    uint16_t rtcp_port, int is_behind_nat, const char *signalled_from) {
  struct address rtp, rtcp, source;
  int error = address_parse(&rtp, host, port);
  if (!error) error = address_parse(&rtcp, host, rtcp_port);
  if (address_parse(&source, signalled_from, 0)) source.length = 0;
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (!stream)
    error = -ENOENT;
  else if (!error)
    error = set_remote(core, stream, &rtp, &rtcp, is_behind_nat, &source);
  core_unlock(core);
  return error;
}

int core_describe(struct core *core, int number, int event_payload_type, uint32_t clock_rate_hz,
                  int is_opaque) {
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) {
    stream->event_payload_type = event_payload_type;
    stream->is_opaque = is_opaque;
    reception_set_rate(&stream->reception, clock_rate_hz ? clock_rate_hz : TELEPHONE_RATE_HZ);
  }
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}

int core_connect(struct core *core, int number, int other_number) {
  if (line_is_number(number) || line_is_number(other_number)) return line_connect(core, number, other_number);
  core_lock(core);
  struct stream *stream = core_find(core, number), *other = core_find(core, other_number);
  bool is_possible = stream && other && stream != other;
  if (is_possible) {
    stream_rest(stream);
    stream_rest(other);
    stream->peer = other;
    other->peer = stream;
  }
  core_unlock(core);
  return is_possible ? 0 : -ENOENT;
}

int core_disconnect(struct core *core, int number) {
  if (line_is_number(number)) return line_disconnect(core, number);
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) stream_rest(stream);
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}

int core_echo(struct core *core, int number) {
  if (line_is_number(number)) return line_echo(core, number);
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) {
    part(stream);
    stream->echoes = true;
  }
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}

int core_play(struct core *core, int number, const uint8_t *payload, size_t size,
              int payload_type, int repeats) {
  if (line_is_number(number))
    return line_play(core, number, payload, size, payload_type, repeats);
  core_lock(core);
  struct stream *stream = core_find(core, number);
  int error = -ENOENT;
  if (stream)
    error = player_start(&stream->player, payload, size, (uint8_t)payload_type, repeats,
                         core->now_ns);
  if (!error) core_want_ticks(core);
  core_unlock(core);
  return error;
}

int core_stop_playing(struct core *core, int number) {
  if (line_is_number(number)) return line_stop_playing(core, number);
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) player_stop(&stream->player);
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}

static void fill(const struct core *core, const struct stream *stream,
                 struct core_statistics *statistics) {
  uint64_t since_ns = stream->heard_ns ? stream->heard_ns : stream->opened_ns;
  *statistics = (struct core_statistics){
      .received = stream->received,
      .sent = stream->sent,
      .strangers = stream->strangers,
      .malformed = stream->malformed,
      .unrecorded = stream->recorder ? stream->recorder->lost : 0,
      .lost = reception_lost(&stream->reception),
      .jitter_ms = stream->reception.has_jitter ? reception_jitter_ms(&stream->reception) : -1,
      .round_trip_ms = stream->round_trip_ns < 0 ? -1 : (double)stream->round_trip_ns / 1e6,
      .silent_s = (double)(core->now_ns - since_ns) / 1e9,
      .payload_type = stream->audio_payload_type,
  };
}

int core_read_statistics(struct core *core, int number, struct core_statistics *statistics) {
  core_lock(core);
  struct stream *stream = core_find(core, number);
  if (stream) fill(core, stream, statistics);
  core_unlock(core);
  return stream ? 0 : -ENOENT;
}
