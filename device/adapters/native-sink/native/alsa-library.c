/* Finds libasound, once per process: threads that use it come and go. */
#define _GNU_SOURCE
#include "alsa-library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define DEFINE(result, name, arguments) result(*name) arguments;
ALSA_FUNCTIONS(DEFINE)
#undef DEFINE

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];

/* ALSA would write its complaints to stderr; the error code says enough. */
static void be_quiet(const char *file, int line, const char *function, int code, const char *format, ...) {
  (void)file, (void)line, (void)function, (void)code, (void)format;
}

static void load(void) {
  void *library = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(problem, sizeof problem, "%s", dlerror());
    return;
  }
#define RESOLVE(result, name, arguments)                                             \
  *(void **)&name = dlsym(library, #name);                                           \
  if (name == NULL) {                                                                \
    snprintf(problem, sizeof problem, "libasound.so.2 has no %s", #name);            \
    return;                                                                          \
  }
  ALSA_FUNCTIONS(RESOLVE)
#undef RESOLVE
  snd_lib_error_set_handler(be_quiet);
}

const char *alsa_library_problem(void) {
  pthread_once(&once, load);
  return problem[0] == '\0' ? NULL : problem;
}
