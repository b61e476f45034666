/* The commands of recording, for streams and lines alike: their recorder is made and freed here. */
#include "line.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert((int)RECORD_KEPT == (int)CORE_RECORDED, "as much as the core's users are told");

/* Where the recorder of this stream or line is kept; NULL: no such number. */
static struct recorder **find(struct core *core, int number) {
  struct stream *stream = core_find(core, number);
  struct line *line = line_find(core, number);
  if (line) return &line->voice.recorder;
  return stream ? &stream->recorder : NULL;
}

int core_record(struct core *core, int number) {
  struct recorder *made = malloc(sizeof *made), *old = made; /* apart from the lock */
  if (!made) return -ENOMEM;
  recorder_begin(made);
  core_lock(core);
  struct recorder **place = find(core, number);
  if (place) {
    old = *place;
    *place = made;
  }
  core_unlock(core);
  free(old);
  return place ? 0 : -ENOENT;
}

int core_take_recorded(struct core *core, int number, uint8_t *octets, size_t room) {
  struct recorder *over = NULL;
  int count = -ENOENT;
  core_lock(core);
  struct recorder **place = find(core, number);
  if (place) count = 0;
  if (place && *place) {
    count = (int)recorder_take(*place, octets, room, core->now_ns);
    if (!(*place)->is_running && (*place)->taken == (*place)->end) {
      over = *place;
      *place = NULL;
    }
  }
  core_unlock(core);
  free(over);
  return count;
}

int core_stop_recording(struct core *core, int number) {
  core_lock(core);
  struct recorder **place = find(core, number);
  if (place && *place) recorder_stop(*place);
  core_unlock(core);
  return place ? 0 : -ENOENT;
}
