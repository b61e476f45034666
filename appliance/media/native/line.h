/* A line in the core: its descriptor on the packet thread, its voice, and who is on the other side. */
#ifndef DOZVON_LINE_H
#define DOZVON_LINE_H

#include "core_private.h"
#include "line_device.h"
#include "line_voice.h"

struct line {
  int number; /* LINE_FLAG | generation << LINE_SLOT_BITS | slot */
  struct core *core;
  struct stream *stream; /* the other side, where it is RTP */
  struct sound_card *card; /* NULL: it has a descriptor */
  uint64_t opened_ns, heard_ns; /* heard_ns: its device gave something; 0 = it never did */
  bool is_over, is_stalled;
  struct device device;
  struct voice voice;
};

enum { LINE_SLOT_BITS = 6, LINE_FLAG = 1 << 30 };

static inline bool line_is_number(int number) { return number >= LINE_FLAG; }
struct line *line_find(struct core *core, int number);

/* line.c: what the packet thread does; under the lock. */
void line_begin(struct line *line, const uint8_t *unread, size_t size);
void line_end(struct line *line, int error); /* tells it, once */
void line_read(struct line *line);
void line_take_samples(struct line *line, const int16_t *samples, size_t count);

/* line_cards.c: 0 or -errno; both take the lock. */
int cards_join(struct core *core, struct line *line, const struct core_line_audio *audio);
void cards_leave(struct core *core, struct line *line);

/* line_links.c: it falls silent, and talks with nobody; under the lock. */
void line_rest(struct line *line);
/* The commands that streams and lines share (core_connect …); 0 or -errno. */
int line_connect(struct core *core, int number, int other);
int line_disconnect(struct core *core, int number);
int line_echo(struct core *core, int number);
int line_play(struct core *core, int number, const uint8_t *payload, size_t size, int payload_type,
              int repeats);
int line_stop_playing(struct core *core, int number);

#endif
