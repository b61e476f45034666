#include "port.h"

#include <errno.h>
#include <netinet/ip.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  DSCP_EF_OCTET = 46 << 2, /* RFC 3246, RFC 4594 §4.1: expedited forwarding for telephony */
  DOOR_BUFFER = 64 * 1024, /* the far end's first packets come by it, perhaps many at once */
  LOWEST_SOURCE_PORT = 1024,
  DOUBTFUL_PACKETS = 64, /* many times what can be on its way inside the kernel */
  DOUBTFUL_AWAITED = 512, /* more than wait in a line that was made while they came */
};
static const uint64_t WINDOW_NS = 1500ull * 1000 * 1000;

static int set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int make_socket(const struct address *local) {
  int family = local->any.sa_family;
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return fd;
}

/* Only lines send. */
static void mark(int fd, int family) {
  if (family == AF_INET6)
    set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, DSCP_EF_OCTET);
  else
    set_option(fd, IPPROTO_IP, IP_TOS, DSCP_EF_OCTET);
}

static int announce(const struct port *port, int fd, uint64_t key) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = key};
  return epoll_ctl(port->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int port_open(struct port *port, const struct address *local, int epoll, uint64_t key) {
  *port = (struct port){.local = *local, .key = key, .epoll = epoll, .door = -1, .line = -1};
  int fd = make_socket(local);
  if (fd < 0) return fd;
  set_option(fd, SOL_SOCKET, SO_RCVBUF, DOOR_BUFFER);
  port->door = fd;
  int error = bind(fd, &local->any, local->length) < 0 ? -errno : announce(port, fd, key);
  if (error) port_close(port);
  return error;
}

static void drop_line(struct port *port) {
  if (port->line >= 0) close(port->line);
  port->line = -1;
}

void port_close(struct port *port) {
  drop_line(port);
  if (port->door >= 0) close(port->door);
  port->door = -1;
  port->state = PORT_SILENT;
}

void port_silence(struct port *port) {
  drop_line(port);
  port->state = PORT_SILENT;
  port->remote.length = 0;
}

/* The address is ours alone but for this moment, when the line joins the door: nobody else may bind
   beside a door that does not allow it, whatever its line allows. */
static int bind_beside_door(const struct port *port, int fd) {
  set_option(port->door, SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  int error = bind(fd, &port->local.any, port->local.length) < 0 ? -errno : 0;
  set_option(port->door, SOL_SOCKET, SO_REUSEADDR, 0);
  return error;
}

/* What strangers sent between bind and connect must not pass for the far end's. */
static void discard_queued(int fd) {
  uint8_t octet;
  while (recv(fd, &octet, sizeof octet, MSG_DONTWAIT) >= 0 || errno == ECONNREFUSED) continue;
}

/* doubtful: how many packets are compared with the far end; strangers' are discarded before, where
   nothing of the far end's can be among them yet. */
static int connect_line(struct port *port, const struct address *remote, unsigned doubtful) {
  drop_line(port);
  port->remote = *remote;
  int fd = make_socket(&port->local);
  if (fd < 0) return fd;
  mark(fd, port->local.any.sa_family);
  int error = bind_beside_door(port, fd);
  if (!error && connect(fd, &remote->any, remote->length) < 0) error = -errno;
  if (!error) {
    if (doubtful == DOUBTFUL_PACKETS) discard_queued(fd);
    error = announce(port, fd, port->key | 1);
  }
  if (error)
    close(fd);
  else
    port->line = fd;
  port->doubtful = doubtful;
  return error;
}

static void name_remote(struct port *port, const struct address *remote, enum port_state state) {
  drop_line(port);
  port->remote = port->signalled = *remote;
  port->window_ends_ns = 0;
  port->state = state;
}

int port_find_way(const struct port *port, const struct address *remote) {
  if (remote->any.sa_family != port->local.any.sa_family) return -EAFNOSUPPORT;
  struct address any_port = port->local;
  any_port.v6.sin6_port = 0; /* v4's lies in the same place */
  int fd = make_socket(&any_port);
  if (fd < 0) return fd;
  int error = bind(fd, &any_port.any, any_port.length) < 0 ? -errno : 0;
  if (!error && connect(fd, &remote->any, remote->length) < 0) error = -errno;
  close(fd);
  return error;
}

void port_await_remote(struct port *port, const struct address *remote) {
  name_remote(port, remote, PORT_FIXED);
}

void port_meet(struct port *port) {
  struct address remote = port->remote;
  if (port->line < 0 && port->state == PORT_FIXED) connect_line(port, &remote, DOUBTFUL_AWAITED);
}

void port_begin_learning(struct port *port, const struct address *remote,
                         const struct address *signalled_from) {
  name_remote(port, remote, PORT_LEARNING);
  port->signalled_from = *signalled_from;
  connect_line(port, remote, DOUBTFUL_PACKETS); /* no way there: the true source will be another */
}

/* How much signalling says for this source: 2 it is the described address, 1 its host is that of the
   description or that of signalling, 0 nothing. */
static int credit(const struct port *port, const struct address *source) {
  if (address_is_same(source, &port->signalled)) return 2;
  return address_is_same_host(source, &port->signalled_from) ||
         address_is_same_host(source, &port->signalled);
}

int port_learn(struct port *port, const struct address *source, uint64_t now_ns) {
  if (port->state == PORT_LEARNING) port->window_ends_ns = now_ns + WINDOW_NS;
  bool is_signalled = address_is_same(source, &port->signalled);
  port->state = is_signalled ? PORT_FIXED : PORT_LEARNED;
  if (port->line >= 0 && address_is_same(source, &port->remote)) return 0;
  return connect_line(port, source, DOUBTFUL_PACKETS);
}

bool port_is_from_remote(const struct port *port, const struct address *source) {
  return port->state != PORT_SILENT && port->state != PORT_LEARNING &&
         address_is_same(source, &port->remote);
}

bool port_may_learn(const struct port *port, const struct address *source, uint64_t now_ns) {
  if (address_port(source) < LOWEST_SOURCE_PORT) return false;
  if (port->state == PORT_LEARNING) return credit(port, source) > 0;
  return port->state == PORT_LEARNED && now_ns < port->window_ends_ns &&
         credit(port, source) > credit(port, &port->remote);
}

bool port_send(struct port *port, const uint8_t *data, size_t size) {
  port_meet(port);
  if (port->line < 0) return false;
  if (send(port->line, data, size, MSG_NOSIGNAL) >= 0) return true;
  /* An ICMP error of an earlier packet is told once, in place of this one. */
  return errno == ECONNREFUSED && send(port->line, data, size, MSG_NOSIGNAL) >= 0;
}
