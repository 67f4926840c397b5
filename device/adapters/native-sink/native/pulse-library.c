/* Finds libpulse, once per process: threads that use it come and go. */
#define _GNU_SOURCE
#include "pulse-library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define DEFINE(result, name, arguments) result(*name) arguments;
PULSE_FUNCTIONS(DEFINE)
#undef DEFINE

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];

static void load(void) {
  void *library = dlopen("libpulse.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(problem, sizeof problem, "%s", dlerror());
    return;
  }
#define RESOLVE(result, name, arguments)                                            \
  *(void **)&name = dlsym(library, #name);                                          \
  if (name == NULL) {                                                               \
    snprintf(problem, sizeof problem, "libpulse.so.0 has no %s", #name);            \
    return;                                                                         \
  }
  PULSE_FUNCTIONS(RESOLVE)
#undef RESOLVE
}

const char *pulse_library_problem(void) {
  pthread_once(&once, load);
  return problem[0] == '\0' ? NULL : problem;
}
