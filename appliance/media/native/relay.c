/* The way of a packet: in from a port, checked, counted, out to the connected stream. */
#include "core_private.h"

#include <errno.h>
#include <sys/socket.h>

enum {
  LATE_FRAMES = 3, /* frames sent at once when the thread was late */
  DOOR_BATCH = 512, /* more than a door holds */
};

static void push_key(struct core *core, const struct stream *stream, const struct key_press *press) {
  struct core_event *event = core_push_event(core, CORE_KEY_PRESSED, stream->number);
  if (!event) return;
  event->digit = press->digit;
  event->duration_ms = (int)((uint64_t)press->duration * 1000 / stream->reception.rate_hz);
}

static void hear_keys(struct core *core, struct stream *stream, const struct rtp_header *header,
                      const uint8_t *payload, size_t size) {
  struct telephone_event event;
  struct key_press presses[KEYS_AT_ONCE];
  if (!telephone_event_parse(payload, size, &event)) return;
  int whole = keys_hear(&stream->keys, header, &event, core->now_ns, presses);
  for (int i = 0; i < whole; i++) push_key(core, stream, &presses[i]);
  if (stream->keys.is_open) core_want_ticks(core);
}

static void count_rtp(struct core *core, struct stream *stream, const struct rtp_header *header,
                      const uint8_t *payload, size_t size) {
  bool is_event = header->payload_type == stream->event_payload_type;
  if (is_event)
    hear_keys(core, stream, header, payload, size);
  else
    stream->audio_payload_type = header->payload_type;
  reception_count(&stream->reception, header, core->now_ns, is_event);
}

static void deliver_rtp(struct core *core, struct stream *stream, size_t size) {
  if (!stream->is_opaque) {
    struct rtp_header header;
    const uint8_t *payload;
    size_t payload_size;
    if (!rtp_parse(core->packet, size, &header, &payload, &payload_size)) {
      stream->malformed++;
      return;
    }
    count_rtp(core, stream, &header, payload, payload_size);
    if (stream->line) line_hear_rtp(core, stream, &header, payload, payload_size);
    if (stream->recorder)
      recorder_hear_rtp(stream->recorder, &header, payload, payload_size, core->now_ns);
  }
  stream->received++;
  stream->heard_ns = core->now_ns;
  struct stream *to = stream->peer;
  if (stream->echoes) {
    to = stream;
    /* Our own SSRC: a far end that meets its own must suspect a loop (RFC 3550 §8.2). Not the
       player's: sequence numbers begin anew here, and baresip drops those that jump back. */
    if (!stream->is_opaque) write_u32(core->packet + 8, ~stream->player.ssrc);
  }
  if (to && !to->player.payload && port_send(&to->rtp, core->packet, size)) to->sent++;
}

struct passage {
  struct core *core;
  struct stream *from, *to;
};

static void note_report(void *context, const struct rtcp_report *report) {
  struct passage *passage = context;
  struct stream *from = passage->from, *to = passage->to;
  if (report->ntp_middle && to) {
    struct passed_report passed = {passage->core->now_ns, report->ntp_middle};
    to->reports[to->next_report++ % REPORTS_KEPT] = passed;
  }
  for (int i = 0; report->last_sr && i < REPORTS_KEPT; i++) {
    if (from->reports[i].ntp_middle != report->last_sr) continue;
    int64_t delay_ns = (int64_t)((uint64_t)report->delay_since_last_sr * 1000000000u >> 16);
    int64_t trip_ns = (int64_t)(passage->core->now_ns - from->reports[i].passed_ns) - delay_ns;
    from->round_trip_ns = trip_ns > 0 ? trip_ns : 0;
  }
}

/* Reports pass from end to end; the time from a sender report's passing towards a far end to its
   answer, less what the far end held it (DLSR, RFC 3550 §6.4.1), is the round trip of that leg. */
static void deliver_rtcp(struct core *core, struct stream *stream, size_t size) {
  if (!stream->is_opaque) {
    if (!rtcp_is_valid(core->packet, size)) {
      stream->malformed++;
      return;
    }
    struct passage passage = {core, stream, stream->peer};
    rtcp_visit(core->packet, size, note_report, &passage);
  }
  if (stream->peer) port_send(&stream->peer->rtcp, core->packet, size);
}

static void deliver(struct core *core, struct stream *stream, bool is_rtcp, size_t size) {
  if (is_rtcp)
    deliver_rtcp(core, stream, size);
  else
    deliver_rtp(core, stream, size);
}

static bool is_valid(const struct core *core, const struct stream *stream, bool is_rtcp,
                     size_t size) {
  struct rtp_header header;
  const uint8_t *payload;
  size_t payload_size;
  if (stream->is_opaque) return true;
  if (is_rtcp) return rtcp_is_valid(core->packet, size);
  return rtp_parse(core->packet, size, &header, &payload, &payload_size);
}

static void learn(struct core *core, struct stream *stream, struct port *port,
                  const struct address *source) {
  if (port_learn(port, source, core->now_ns) < 0 || port == &stream->rtcp) return;
  struct core_event *event = core_push_event(core, CORE_SOURCE_LOCKED, stream->number);
  if (!event) return;
  address_format(source, event->host);
  event->port = address_port(source);
}

/* The kernel keeps strangers from a connected line, but for a packet that it took up just before the
   line was connected and delivers just after: the first ones are compared all the same. */
static ssize_t receive_on_line(struct core *core, struct stream *stream, struct port *port) {
  if (!port->doubtful) return recv(port->line, core->packet, PACKET_ROOM, MSG_TRUNC);
  struct address source = {.length = sizeof source.v6};
  ssize_t size =
      recvfrom(port->line, core->packet, PACKET_ROOM, MSG_TRUNC, &source.any, &source.length);
  if (size < 0) return size;
  port->doubtful--;
  if (address_is_same(&source, &port->remote)) return size;
  stream->strangers++;
  return -1;
}

void relay_line(struct core *core, struct stream *stream, bool is_rtcp) {
  struct port *port = is_rtcp ? &stream->rtcp : &stream->rtp;
  if (port->line < 0) return; /* replaced within this batch */
  ssize_t size = receive_on_line(core, stream, port);
  if (size <= 0) return;
  if (size > PACKET_ROOM) {
    stream->malformed++;
    return;
  }
  if (port->state == PORT_LEARNING && is_valid(core, stream, is_rtcp, (size_t)size)) {
    struct address signalled = port->remote;
    learn(core, stream, port, &signalled);
  }
  deliver(core, stream, is_rtcp, (size_t)size);
}

/* Only who has heard the far end's RTP, or sends it, knows its SSRC (RFC 3550 §6.4.1). */
static bool knows_source(const struct core *core, const struct stream *stream, size_t size) {
  return size >= 8 && stream->reception.has_source &&
         read_u32(core->packet + 4) == stream->reception.ssrc;
}

/* RTCP is learned from the host that RTP came from, and with the SSRC of that RTP. */
static bool may_be_far_end(const struct core *core, const struct stream *stream,
                           const struct port *port, const struct address *source, size_t size) {
  if (!port_may_learn(port, source, core->now_ns) || core_owns(core, source)) return false;
  if (port == &stream->rtp) return true;
  bool is_rtp_known = stream->rtp.state == PORT_LEARNED || stream->rtp.state == PORT_FIXED;
  return is_rtp_known && address_is_same_host(source, &stream->rtp.remote) &&
         knows_source(core, stream, size);
}

/* False when nothing waits. */
static bool take_at_door(struct core *core, struct stream *stream, bool is_rtcp) {
  struct port *port = is_rtcp ? &stream->rtcp : &stream->rtp;
  struct address source = {.length = sizeof source.v6};
  ssize_t size =
      recvfrom(port->door, core->packet, PACKET_ROOM, MSG_TRUNC, &source.any, &source.length);
  if (size < 0) return false;
  bool is_known = port_is_from_remote(port, &source);
  if (size == 0 || size > PACKET_ROOM) {
    stream->strangers += !is_known;
    stream->malformed += is_known && size > 0;
    return true;
  }
  if (!is_known) {
    if (!may_be_far_end(core, stream, port, &source, (size_t)size) ||
        !is_valid(core, stream, is_rtcp, (size_t)size)) {
      stream->strangers++;
      return true;
    }
    learn(core, stream, port, &source);
  }
  port_meet(port);
  deliver(core, stream, is_rtcp, (size_t)size);
  return true;
}

void relay_door(struct core *core, struct stream *stream, bool is_rtcp) {
  const struct port *port = is_rtcp ? &stream->rtcp : &stream->rtp;
  bool had_line = port->line >= 0;
  if (!take_at_door(core, stream, is_rtcp) || had_line || port->line < 0) return;
  /* What came before the line was made comes before what comes by it. */
  for (int left = DOOR_BATCH; left > 0 && take_at_door(core, stream, is_rtcp); left--) continue;
}

static void play_frames(struct core *core, struct stream *stream, unsigned frames) {
  uint8_t packet[FRAME_PACKET];
  for (; frames > 0; frames--) {
    if (!player_next(&stream->player, core->now_ns, packet)) {
      player_stop(&stream->player);
      core_push_event(core, CORE_PLAY_ENDED, stream->number);
      return;
    }
    if (port_send(&stream->rtp, packet, sizeof packet)) stream->sent++;
  }
}

void relay_tick(struct core *core, unsigned frames_due) {
  bool is_needed = false;
  if (frames_due > LATE_FRAMES) frames_due = LATE_FRAMES;
  for (uint32_t slot = 0; slot < core->highest; slot++) {
    struct stream *stream = &core->streams[slot];
    struct key_press press;
    if (stream->number < 0) continue;
    if (stream->player.payload) play_frames(core, stream, frames_due);
    if (keys_expire(&stream->keys, core->now_ns, &press)) push_key(core, stream, &press);
    is_needed |= stream->player.payload || stream->keys.is_open;
  }
  core->is_ticking = is_needed;
}
