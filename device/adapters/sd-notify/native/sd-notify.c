/*
 * One datagram to a service manager: Node has no datagram sockets of the local kind, and systemd listens on no other.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <node_api.h>

/* A state is a few lines; systemd takes no more than this of one. */
enum { STATE_BYTES_MAX = 4096 };

/* Returns 0 or -errno. `@` at the front of the path stands for the abstract name space. */
static int send_state(const char *path, const char *state, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t path_length = strlen(path);
  if (path_length < 2 || path_length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, path_length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length);
  ssize_t sent = sendto(descriptor, state, length, MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
  int code = sent < 0 ? -errno : 0;
  close(descriptor);
  return code;
}

/* notify(socketPath, state) -> 0 or a negative errno */
static napi_value js_notify(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result = NULL;
  size_t count = 2, path_length = 0, length = 0;
  char path[256], state[STATE_BYTES_MAX];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2 ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &path_length) != napi_ok ||
      napi_get_value_string_utf8(env, arguments[1], state, sizeof state, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a socket's path and a state");
    return NULL;
  }
  napi_create_int32(env, send_state(path, state, length), &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "notify", NAPI_AUTO_LENGTH, js_notify, NULL, &function);
  napi_set_named_property(env, exports, "notify", function);
  return exports;
}
