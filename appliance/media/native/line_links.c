/* Who a line talks with: a stream, another line, itself, or a recording. */
#include "line.h"

#include <errno.h>

static void part(struct line *line) {
  if (line->stream) line_part(line->stream);
  voice_part(&line->voice);
}

void line_rest(struct line *line) {
  part(line);
  voice_stop_playing(&line->voice);
  line_keys_stop(&line->voice.keys);
}

static void connect_stream(struct line *line, struct stream *stream) {
  stream_rest(stream);
  line_rest(line);
  stream->line = line;
  line->stream = stream;
}

/* Either number may be the line's. */
int line_connect(struct core *core, int number, int other_number) {
  core_lock(core);
  struct line *line = line_find(core, number), *other = line_find(core, other_number);
  struct stream *stream = core_find(core, line ? other_number : number);
  bool is_possible = (line && other && line != other) || ((line || other) && stream);
  if (is_possible && stream) {
    connect_stream(line ? line : other, stream);
  } else if (is_possible) {
    line_rest(line);
    line_rest(other);
    voice_join(&line->voice, &other->voice);
  }
  core_unlock(core);
  return is_possible ? 0 : -ENOENT;
}

int line_disconnect(struct core *core, int number) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) line_rest(line);
  core_unlock(core);
  return line ? 0 : -ENOENT;
}

int line_echo(struct core *core, int number) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) {
    part(line);
    line->voice.echoes = true;
  }
  core_unlock(core);
  return line ? 0 : -ENOENT;
}

int line_play(struct core *core, int number, const uint8_t *payload, size_t size, int payload_type,
              int repeats) {
  core_lock(core);
  struct line *line = line_find(core, number);
  int error = line ? voice_play(&line->voice, payload, size, payload_type, repeats) : -ENOENT;
  core_unlock(core);
  return error;
}

int line_stop_playing(struct core *core, int number) {
  core_lock(core);
  struct line *line = line_find(core, number);
  if (line) voice_stop_playing(&line->voice);
  core_unlock(core);
  return line ? 0 : -ENOENT;
}
