/*
 * Gives memory back to the system that this process does not need: what was freed, which the C library keeps, in an arena
 * for each thread that ever asked for some, in case it is wanted again; and the parts of the program itself that only its
 * start needed.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <node_api.h>

/* Smaller mappings are not worth a call. */
#define LEAST_BYTES (256 * 1024)
/* A line of smaps: a path is at most 4096 characters, octal escapes make four of each that is odd. */
#define LINE_BYTES 20000

/* trim() -> 1 when some was given back. Other C libraries than glibc give back by themselves. */
static napi_value js_trim(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
#ifdef __GLIBC__
  napi_create_int32(env, malloc_trim(0), &result);
#else
  napi_create_int32(env, 0, &result);
#endif
  return result;
}

/* One mapping, as far as the lines read so far tell of it. */
struct mapping {
  uintptr_t start;
  uintptr_t end;
  bool is_program;
  unsigned long resident_kb;
};

/* The head of a mapping's lines: whether this is one, and if it is a part of a file that can only be read or executed. */
static bool read_head(const char *line, struct mapping *mapping) {
  uintptr_t start = 0;
  uintptr_t end = 0;
  char permissions[5] = "";
  char path_begin = '\0';
  int fields = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %c", &start, &end, permissions, &path_begin);
  if (fields < 3) return false;
  mapping->start = start;
  mapping->end = end;
  mapping->resident_kb = 0;
  mapping->is_program = fields == 4 && path_begin == '/' && permissions[0] == 'r' && permissions[1] == '-' &&
                        permissions[3] == 'p' && end - start >= LEAST_BYTES;
  return true;
}

/*
 * Lets go of a part of the program: what of it is needed comes back from the file, mostly from the kernel's own cache.
 * Only where nothing was ever changed, since that would be lost: no page is this process's own or locked.
 */
static unsigned long let_go(const struct mapping *mapping) {
  if (!mapping->is_program || mapping->resident_kb == 0) return 0;
  size_t length = mapping->end - mapping->start;
  return madvise((void *)mapping->start, length, MADV_DONTNEED) == 0 ? mapping->resident_kb : 0;
}

/* letGoOfProgram() -> kilobytes of the program that were in memory, and are no more until they are needed; 0 where the
 * system does not tell what there is. Takes some milliseconds. */
static napi_value js_let_go(napi_env env, napi_callback_info info) {
  (void)info;
  unsigned long gone_kb = 0;
  FILE *file = fopen("/proc/self/smaps", "re");
  if (file != NULL) {
    static char line[LINE_BYTES];
    struct mapping mapping = {0};
    while (fgets(line, sizeof line, file) != NULL) {
      unsigned long kb = 0;
      if (sscanf(line, "Rss: %lu kB", &kb) == 1) {
        mapping.resident_kb = kb;
      } else if (sscanf(line, "Anonymous: %lu kB", &kb) == 1 || sscanf(line, "Private_Dirty: %lu kB", &kb) == 1 ||
                 sscanf(line, "Locked: %lu kB", &kb) == 1) {
        if (kb != 0) mapping.is_program = false;
      } else if (strncmp(line, "VmFlags:", 8) == 0) {
        /* The last line of each. */
        gone_kb += let_go(&mapping);
        mapping.is_program = false;
      } else {
        read_head(line, &mapping);
      }
    }
    fclose(file);
  }
  napi_value result = NULL;
  napi_create_uint32(env, (uint32_t)gone_kb, &result);
  return result;
}

static void add_function(napi_env env, napi_value exports, const char *name, napi_callback call) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  add_function(env, exports, "trim", js_trim);
  add_function(env, exports, "letGoOfProgram", js_let_go);
  return exports;
}
