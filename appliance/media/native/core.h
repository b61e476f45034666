/* The media core: streams of RTP, RTCP and UDPTL, and lines, on one packet thread. No Python here.

   Every function may be called from any thread. They return 0 (or what they say) or -errno;
   -ENOENT: no such stream. One lock guards all; the packet thread holds it for one batch of packets
   at a time, so a stream is never closed under a packet's feet. */
#ifndef DOZVON_CORE_H
#define DOZVON_CORE_H

#include "detect.h"

#include <stddef.h>
#include <stdint.h>

/* cffi reads from here */
struct core;

enum { CORE_RECORDED = 32000 };

enum {
  CORE_KEY_PRESSED = 1,
  CORE_SOURCE_LOCKED = 2,
  CORE_PLAY_ENDED = 3,
  CORE_KEYS_SENT = 4,
  CORE_STREAM_CODE = 5,
  CORE_LINE_ENDED = 6,
  CORE_TONE_HEARD = 7,
  CORE_SILENCE_HEARD = 8,
  CORE_CALLER_ID_HEARD = 9,
  CORE_LINE_STALLED = 10,
  CORE_ANSWER_TONE = 11,
  CORE_CADENCE_HEARD = 12
};

struct core_event {
  int kind, stream; /* stream: or a line */
  int duration_ms; /* CORE_KEY_PRESSED, of a tone or silence */
  int port;        /* CORE_SOURCE_LOCKED */
  int code;        /* CORE_STREAM_CODE: the octet after DLE; CORE_LINE_ENDED: errno; a tone's id; the
                      method of caller id; CORE_LINE_STALLED: 1 = no audio comes any more, 2 = none
                      has come since it was opened, 0 = it comes again */
  int off_ms;      /* of a tone */
  unsigned message; /* CORE_CALLER_ID_HEARD: for core_read_message */
  int lasted_ms;   /* of a cadence */
  int second_on_ms, second_off_ms; /* likewise; 0 = one kind of sound */
  float hz, second_hz, level_dbm0;
  char digit;
  char host[46];
};

struct core_statistics {
  uint64_t received, sent, strangers, malformed;
  uint64_t unrecorded; /* octets of a recording that were not taken in time */
  int64_t lost;
  double jitter_ms, round_trip_ms, silent_s; /* jitter, round trip: negative = not measured */
  int payload_type;                          /* of the far end's last audio packet, -1 = none */
};

struct core *core_start(uint32_t capacity); /* at most 4096 streams; NULL and errno */
void core_stop(struct core *core);
int core_event_descriptor(struct core *core);
/* Is the packet thread alive? Ask it for one more round, and count the rounds that it made. Neither
   takes the lock, so neither waits for a thread that hangs. */
void core_poke(struct core *core);
uint64_t core_rounds(struct core *core);
int core_take_events(struct core *core, struct core_event *events, int room); /* how many */
/* What caller id said, at most DETECT_MESSAGE octets: its length; -ENOENT: 64 came after it. */
int core_read_message(struct core *core, unsigned message, uint8_t *octets);

int core_open(struct core *core, const char *host, uint16_t port); /* the stream's number */
int core_close(struct core *core, int stream);
/* Literal addresses; signalled_from may be any text where it is none. rtcp_port 0: no RTCP. */
int core_set_remote(struct core *core, int stream, const char *host, uint16_t port,
                    uint16_t rtcp_port, int is_behind_nat, const char *signalled_from);
int core_describe(struct core *core, int stream, int event_payload_type, uint32_t clock_rate_hz,
                  int is_opaque);
int core_connect(struct core *core, int stream, int other);
int core_disconnect(struct core *core, int stream);
int core_echo(struct core *core, int stream);
int core_play(struct core *core, int stream, const uint8_t *payload, size_t size,
              int payload_type, int repeats);
int core_stop_playing(struct core *core, int stream);
int core_read_statistics(struct core *core, int stream, struct core_statistics *statistics);
/* What the far end of a stream says, or a line (either number), is kept from now on: A-law octets,
   8000 a second, CORE_RECORDED at most until they are taken. */
int core_record(struct core *core, int stream);
int core_take_recorded(struct core *core, int stream, uint8_t *octets, size_t room); /* how many */
int core_stop_recording(struct core *core, int stream); /* what was kept can still be taken */

/* Lines (drivers.api.AudioDescriptor). Their numbers are never those of streams, and core_connect,
   core_disconnect, core_echo, core_play and core_stop_playing take either. */
struct core_line_audio {
  int descriptor; /* non-blocking; the core works on its own duplicate; -1: a sound card */
  const char *alsa_capture, *alsa_playback; /* PCMs; two lines may share them, one a channel */
  int alsa_channel;
  int encoding;   /* 0 S16LE, 1 U8, 2 A-law, 3 µ-law */
  int sample_rate_hz, frame_octets, queue_ms, is_dle_shielded;
  int is_receive_only; /* nothing is ever written */
  int lead_ms; /* silence said first; negative = half of queue_ms */
  const uint8_t *unread; /* what was read before */
  size_t unread_size;
};

struct core_line_statistics {
  uint64_t frames_in, frames_out, underruns, overruns, slips;
  double level_in_dbm0, level_out_dbm0;
  double erle_db, echo_delay_ms; /* negative = not measured */
  double clock_ppm, silent_s;
  int has_clock;
  uint64_t unrecorded; /* as of a stream */
};

int core_line_open(struct core *core, const struct core_line_audio *audio); /* the line's number */
/* How many octets came after the stream's end (or the half of a code); they are written to unread. */
int core_line_close(struct core *core, int line, uint8_t *unread, size_t room);
int core_line_speak(struct core *core, int line, int payload_type); /* 0 or 8, towards RTP */
int core_line_send_keys(struct core *core, int line, const char *digits, int on_ms, int off_ms,
                        double level_dbm0);
int core_line_listen(struct core *core, int line, const struct detect_config *config);
/* delay_ms: where the search for the echo begins. */
int core_line_cancel_echo(struct core *core, int line, int is_on, double delay_ms);
int core_line_set_gain(struct core *core, int line, double receive_db, double transmit_db);
int core_line_read_statistics(struct core *core, int line,
                              struct core_line_statistics *statistics);
/* cffi reads up to here */

#endif
