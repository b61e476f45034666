/* What may be asked of a line alone: each command takes the lock, acts, and returns. */
#include "line.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { MAX_GENERATION = 1 << 20 };

static void send_rtp(void *context, const uint8_t *packet, size_t size) {
  struct line *line = context;
  struct stream *stream = line->stream;
  if (!stream || stream->is_opaque || stream->player.payload) return;
  if (port_send(&stream->rtp, packet, size)) stream->sent++;
}

static void tell_news(void *context, enum voice_news news) {
  struct line *line = context;
  static const int kinds[] = {[VOICE_PLAY_ENDED] = CORE_PLAY_ENDED,
                              [VOICE_KEYS_SENT] = CORE_KEYS_SENT,
                              [VOICE_ANSWER_TONE] = CORE_ANSWER_TONE};
  core_push_event(line->core, kinds[news], line->number);
}

static void tell_detection(void *context, const struct detection *found) {
  static const int kinds[] = {[DETECTED_KEY] = CORE_KEY_PRESSED,
                              [DETECTED_TONE] = CORE_TONE_HEARD,
                              [DETECTED_CALLER_ID] = CORE_CALLER_ID_HEARD,
                              [DETECTED_SILENCE] = CORE_SILENCE_HEARD,
                              [DETECTED_CADENCE] = CORE_CADENCE_HEARD};
  struct line *line = context;
  if (found->kind == DETECTED_KEY_BEGAN) return;
  struct core_event *event = core_push_event(line->core, kinds[found->kind], line->number);
  if (!event) return;
  event->digit = found->digit;
  event->duration_ms = found->on_ms;
  event->off_ms = found->off_ms;
  event->code = found->kind == DETECTED_CALLER_ID ? found->method : found->id;
  event->lasted_ms = found->lasted_ms;
  event->second_on_ms = found->second_on_ms;
  event->second_off_ms = found->second_off_ms;
  event->hz = found->hz;
  event->second_hz = found->second_hz;
  event->level_dbm0 = found->level_dbm0;
  if (found->kind == DETECTED_CALLER_ID)
    event->message = core_keep_message(line->core, found->message, found->length);
}

static int make_line(struct core *core, const struct core_line_audio *audio, struct line **made) {
  struct device_settings settings = {
      .encoding = (enum line_encoding)audio->encoding,
      .descriptor = audio->descriptor,
      .sample_rate_hz = audio->sample_rate_hz,
      .frame_octets = audio->frame_octets,
      .queue_ms = audio->queue_ms,
      .lead_ms = audio->lead_ms,
      .is_shielded = audio->is_dle_shielded,
      .is_receive_only = audio->is_receive_only,
  };
  struct line *line = calloc(1, sizeof *line);
  if (!line) return -ENOMEM;
  struct voice_outlet outlet = {line, send_rtp, tell_news, tell_detection};
  line->core = core;
  int error = voice_init(&line->voice, outlet);
  if (!error) error = device_init(&line->device, &settings);
  if (!error) line->voice.sender.unit = device_unit(&line->device);
  *made = line;
  if (!error) return 0;
  voice_free(&line->voice);
  free(line);
  return error;
}

static void discard(struct line *line) {
  device_free(&line->device);
  voice_free(&line->voice);
  free(line);
}

static int place(struct core *core, struct line *line) {
  int slot = 0;
  while (slot < MAX_LINES && core->lines[slot]) slot++;
  if (slot == MAX_LINES) return -ENOSPC;
  unsigned generation = core->line_generation++ % MAX_GENERATION;
  line->number = LINE_FLAG | (int)(generation << LINE_SLOT_BITS) | slot;
  uint64_t key = (uint64_t)line->number << 2;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = key};
  if (line->device.descriptor >= 0 &&
      epoll_ctl(core->epoll, EPOLL_CTL_ADD, line->device.descriptor, &event) < 0)
    return -errno;
  core->lines[slot] = line;
  line->opened_ns = core->now_ns;
  if (atomic_fetch_add(&core->line_count, 1) == 0) core_poke(core); /* lines are looked at from now on */
  return line->number;
}

/* Its caller's alone from now on: one lock, lest it is connected, or its slot taken, meanwhile. */
static struct line *take_out(struct core *core, int number) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) {
    line_rest(line);
    core->lines[number & (MAX_LINES - 1)] = NULL;
    atomic_fetch_sub(&core->line_count, 1);
    if (line->device.descriptor >= 0)
      epoll_ctl(core->epoll, EPOLL_CTL_DEL, line->device.descriptor, NULL);
  }
  core_unlock(core);
  if (line) cards_leave(core, line);
  return line;
}

int core_line_open(struct core *core, const struct core_line_audio *audio) {
  struct line *line;
  int error = make_line(core, audio, &line);
  if (error) return error;
  core_lock(core);
  int number = place(core, line);
  if (number >= 0) line_begin(line, audio->unread, audio->unread_size);
  core_unlock(core);
  if (number >= 0 && audio->descriptor < 0) error = cards_join(core, line, audio);
  if (error) line = take_out(core, number);
  if (number < 0 || error) discard(line);
  return error ? error : number;
}

int core_line_close(struct core *core, int number, uint8_t *unread, size_t room) {
  struct line *line = take_out(core, number);
  if (!line) return -ENOENT;
  device_return_half(&line->device);
  size_t size = line->device.unread_size < room ? line->device.unread_size : room;
  if (size > 0) memcpy(unread, line->device.unread, size);
  discard(line);
  return (int)size;
}

int core_line_speak(struct core *core, int number, int payload_type) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) line->voice.sender.payload_type = payload_type;
  core_unlock(core);
  return line ? 0 : -ENOENT;
}

int core_line_set_gain(struct core *core, int number, double receive_db, double transmit_db) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) {
    line->voice.receive_gain = (float)pow(10.0, receive_db / 20);
    line->voice.transmit_gain = (float)pow(10.0, transmit_db / 20);
  }
  core_unlock(core);
  return line ? 0 : -ENOENT;
}

int core_line_send_keys(struct core *core, int number, const char *digits, int on_ms, int off_ms,
                        double level_dbm0) {
  core_lock(core);
  struct line *line = line_find(core, number);
  int error = -ENOENT;
  if (line) error = line_keys_send(&line->voice.keys, digits, on_ms, off_ms, (float)level_dbm0);
  core_unlock(core);
  return error;
}

int core_line_listen(struct core *core, int number, const struct detect_config *config) {
  core_lock(core);
  struct line *line = line_find(core, number);
  int error = line ? voice_listen(&line->voice, config) : -ENOENT;
  core_unlock(core);
  return error;
}

/* What waits in the device delays the echo in any case. */
int core_line_cancel_echo(struct core *core, int number, int is_on, double delay_ms) {
  core_lock(core);
  struct line *line = line_find(core, number);
  int error = line ? 0 : -ENOENT;
  if (line && is_on) delay_ms = fmax(delay_ms, device_ahead_ms(&line->device));
  if (line) error = voice_cancel_echo(&line->voice, is_on ? delay_ms : -1);
  core_unlock(core);
  return error;
}

static void fill(const struct core *core, const struct line *line,
                 struct core_line_statistics *statistics) {
  const struct voice *voice = &line->voice;
  uint64_t loud_ns = voice->loud_ns;
  bool is_followed = clock_loop_is_settled(&voice->sender.clock);
  *statistics = (struct core_line_statistics){
      .frames_in = line->device.blocks_in / 2,
      .frames_out = line->device.blocks_out / 2,
      .underruns = line->device.underruns,
      .overruns = line->device.overruns,
      .slips = voice->jitter.slips,
      .level_in_dbm0 = meter_dbm0(&voice->in),
      .level_out_dbm0 = meter_dbm0(&voice->out),
      .erle_db = echo_erle_db(&voice->echo),
      .echo_delay_ms = echo_delay_ms(&voice->echo),
      .has_clock = is_followed,
      .clock_ppm = voice->sender.clock.drift * 1e6,
      .unrecorded = voice->recorder ? voice->recorder->lost : 0,
      .silent_s = loud_ns ? (double)(core->now_ns - loud_ns) / 1e9 : 0,
  };
}

int core_line_read_statistics(struct core *core, int number,
                              struct core_line_statistics *statistics) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) fill(core, line, statistics);
  core_unlock(core);
  return line ? 0 : -ENOENT;
}
