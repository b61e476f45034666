/* One line's audio at 8 kHz, a block of 10 ms in and one out: what is said to the line (keys, sounds,
   the other side) and where what it says goes. No descriptor, no lock, no clock of its own: time
   comes with each block, and whoever owns the voice hears of events through its outlet. */
#ifndef DOZVON_LINE_VOICE_H
#define DOZVON_LINE_VOICE_H

#include "detect.h"
#include "line_answer.h"
#include "line_echo.h"
#include "line_jitter.h"
#include "line_keys.h"
#include "line_sender.h"
#include "packet.h"
#include "recorder.h"

enum { VOICE_BLOCK = 80 };

/* VOICE_ANSWER_TONE: a fax machine or modem answers, and the echo canceller is off. */
enum voice_news { VOICE_PLAY_ENDED, VOICE_KEYS_SENT, VOICE_ANSWER_TONE };

struct voice_outlet {
  void *context;
  void (*send)(void *context, const uint8_t *packet, size_t size); /* RTP for the far end */
  void (*tell)(void *context, enum voice_news news);
  void (*hear)(void *context, const struct detection *detection); /* what was listened for */
};

/* Mean square over the last second, in eight parts. */
struct meter {
  double parts[8], sum;
  unsigned at, blocks;
};

struct voice {
  struct voice_outlet outlet;
  struct jitter jitter; /* from the other side to the line */
  struct sender sender; /* from the line to RTP */
  struct line_keys keys;
  struct detectors *detectors;
  bool listens, hears_echo; /* hears_echo: the key that is heard is one of ours, come back */
  struct echo_canceller echo;
  double echo_delay_ms; /* as it was asked for; negative = off */
  struct answer_tone answers[2]; /* heard from the line, and said to it */
  bool is_data; /* until the other side is another */
  struct voice *peer;   /* another line instead */
  bool echoes;
  int16_t heard[VOICE_BLOCK]; /* the last block, for the echo test and for what the peer gets */
  uint32_t timestamp;         /* of what goes to the peer */
  uint32_t source;            /* SSRC that the jitter buffer holds */
  bool has_source;
  struct recorder *recorder; /* of what the line says, owned; NULL = nothing is recorded */
  uint8_t *payload; /* what plays, owned; NULL = nothing */
  size_t size, at;
  int payload_type;
  bool repeats;
  float receive_gain, transmit_gain;
  struct meter in, out;
  uint64_t loud_ns, began_ns; /* when the line was last heard */
};

/* 0 or -ENOMEM. */
int voice_init(struct voice *voice, struct voice_outlet outlet);
void voice_free(struct voice *voice);
/* True: a key sounds in `out`. */
bool voice_block(struct voice *voice, const int16_t in[VOICE_BLOCK], int16_t out[VOICE_BLOCK],
                 uint64_t now_ns);
/* After each unit of a device that gives whole units (voice->sender.unit). */
void voice_settle(struct voice *voice);
/* An RTP packet of the far end: G.711, or a key (event_payload_type; -1 = none). */
void voice_hear_rtp(struct voice *voice, const struct rtp_header *header, const uint8_t *payload,
                    size_t size, int event_payload_type, uint64_t now_ns);
/* Replaces what is listened for; 0, -EINVAL or -ENOMEM. */
int voice_listen(struct voice *voice, const struct detect_config *config);
/* delay_ms: where the search for the echo begins, negative = the canceller goes; 0 or -ENOMEM. */
int voice_cancel_echo(struct voice *voice, double delay_ms);
/* Both ways; either may be NULL afterwards by voice_part. */
void voice_join(struct voice *voice, struct voice *other);
/* Nothing comes from the other side and nothing goes there. */
void voice_part(struct voice *voice);
/* Copies the payload; 0, -EINVAL when it is empty, or -ENOMEM. */
int voice_play(struct voice *voice, const uint8_t *payload, size_t size, int payload_type,
               bool repeats);
void voice_stop_playing(struct voice *voice);
double meter_dbm0(const struct meter *meter);

#endif
