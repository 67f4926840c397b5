/*
 * A small file as memory: what is stored there is the file's from then on, also when this process is killed, and costs what
 * a store costs.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <node_api.h>

/* Longer paths are none. */
#define PATH_BYTES 4096
/* One that is larger is not meant to be kept in memory whole. */
#define SIZE_MAX_BYTES 65536

static void unmap(napi_env env, void *data, void *hint) {
  (void)env;
  munmap(data, (size_t)(uintptr_t)hint);
}

/*
 * The file's memory, zeroed, or the reason why there is none. Its blocks are there before anything is stored: a store that
 * finds no room on the disk would end the process, as would one by whoever else has mapped a file that is made shorter.
 */
static void *map(const char *path, size_t size, int *reason) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    *reason = errno;
    return NULL;
  }
  void *memory = NULL;
  *reason = posix_fallocate(file, 0, (off_t)size);
  if (*reason == 0) {
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
      *reason = errno;
      memory = NULL;
    } else {
      memset(memory, 0, size);
    }
  }
  close(file);
  return memory;
}

/* mapFile(path, size) -> ArrayBuffer over the zeroed beginning of a file; throws, naming the reason, when there can be none. */
static napi_value js_map_file(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  static _Thread_local char path[PATH_BYTES];
  size_t length = 0;
  uint32_t size = 0;
  if (count != 2 || napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &size) != napi_ok || length + 1 >= sizeof path || size == 0 ||
      size > SIZE_MAX_BYTES) {
    napi_throw_type_error(env, NULL, "mapFile needs a path and a size of 1 to 65536 bytes");
    return NULL;
  }
  int reason = 0;
  void *memory = map(path, size, &reason);
  if (memory == NULL) {
    napi_throw_error(env, NULL, strerror(reason));
    return NULL;
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, memory, size, unmap, (void *)(uintptr_t)size, &buffer) != napi_ok) {
    munmap(memory, size);
    napi_throw_error(env, NULL, "this runtime takes no memory from outside");
    return NULL;
  }
  return buffer;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "mapFile", NAPI_AUTO_LENGTH, js_map_file, NULL, &function);
  napi_set_named_property(env, exports, "mapFile", function);
  return exports;
}
