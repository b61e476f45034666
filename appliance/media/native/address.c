#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

int address_parse(struct address *address, const char *host, uint16_t port) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons(port);
    address->length = sizeof address->v4;
    return 0;
  }
  if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    address->length = sizeof address->v6;
    return 0;
  }
  return -EINVAL;
}

void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]) {
  const void *bits = address->any.sa_family == AF_INET ? (const void *)&address->v4.sin_addr
                                                       : (const void *)&address->v6.sin6_addr;
  if (address->length == 0 || !inet_ntop(address->any.sa_family, bits, text, ADDRESS_TEXT_SIZE))
    text[0] = '\0';
}

uint16_t address_port(const struct address *address) {
  return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

bool address_is_same_host(const struct address *one, const struct address *other) {
  if (one->length == 0 || other->length == 0 || one->any.sa_family != other->any.sa_family) return false;
  if (one->any.sa_family == AF_INET) return one->v4.sin_addr.s_addr == other->v4.sin_addr.s_addr;
  return memcmp(&one->v6.sin6_addr, &other->v6.sin6_addr, sizeof one->v6.sin6_addr) == 0;
}

bool address_is_same(const struct address *one, const struct address *other) {
  return address_is_same_host(one, other) && address_port(one) == address_port(other);
}

bool address_is_wildcard(const struct address *address) {
  if (address->any.sa_family == AF_INET) return address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
  return IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
}
