/* A line on the packet thread: its descriptor is read, and what it says goes on its way. */
#include "line.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

struct line *line_find(struct core *core, int number) {
  if (!line_is_number(number)) return NULL;
  struct line *line = core->lines[number & (MAX_LINES - 1)];
  return line && line->number == number ? line : NULL;
}

void line_end(struct line *line, int error) {
  struct device *device = &line->device;
  if (line->is_over) return;
  line->is_over = true;
  if (device->descriptor >= 0) {
    epoll_ctl(line->core->epoll, EPOLL_CTL_DEL, device->descriptor, NULL);
    close(device->descriptor);
    device->descriptor = -1;
  }
  struct core_event *event = core_push_event(line->core, CORE_LINE_ENDED, line->number);
  if (event) event->code = error;
}

static void tell_code(void *context, int code) {
  struct line *line = context;
  struct core_event *event = core_push_event(line->core, CORE_STREAM_CODE, line->number);
  if (event) event->code = code;
}

static void note_far_end(struct line *line) {
  line->voice.sender.event_payload_type = line->stream ? line->stream->event_payload_type : -1;
}

void line_take_samples(struct line *line, const int16_t *samples, size_t count) {
  note_far_end(line);
  line->heard_ns = line->core->now_ns;
  device_take_samples(&line->device, &line->voice, samples, count, line->core->now_ns);
}

static void take(struct line *line, const uint8_t *octets, size_t size) {
  uint64_t before = line->device.samples;
  note_far_end(line);
  device_take(&line->device, &line->voice, octets, size, line->core->now_ns, tell_code, line);
  if (line->device.samples > before) line->heard_ns = line->core->now_ns; /* codes alone are no sound */
  if (line->device.is_over) {
    line_end(line, 0);
    return;
  }
  int error = device_write(&line->device);
  if (error) line_end(line, -error);
}

void line_begin(struct line *line, const uint8_t *unread, size_t size) {
  if (size > 0) take(line, unread, size);
}

/* One read a round: what is left is announced again. */
void line_read(struct line *line) {
  uint8_t octets[DEVICE_READ];
  if (line->device.descriptor < 0) return; /* over within this batch */
  ssize_t size = read(line->device.descriptor, octets, sizeof octets);
  if (size > 0) {
    take(line, octets, (size_t)size);
  } else if (size == 0) {
    line_end(line, EPIPE);
  } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    line_end(line, errno);
  }
}

void line_hear_rtp(struct core *core, struct stream *stream, const struct rtp_header *header,
                   const uint8_t *payload, size_t size) {
  voice_hear_rtp(&stream->line->voice, header, payload, size, stream->event_payload_type,
                 core->now_ns);
}

void line_part(struct stream *stream) {
  struct line *line = stream->line;
  stream->line = NULL;
  line->stream = NULL;
  voice_part(&line->voice);
}

void line_ready(struct core *core, int number) {
  struct line *line = line_find(core, number);
  if (line) line_read(line);
}
