/* Included before every file of an addon: takes the older version of what glibc 2.29, 2.32 and 2.34 gave a new one, so that
   an addon that is built on a new system loads on an old one too. Nothing that we call differs between the two. It includes
   nothing itself: what a file defines before its first header has to come first. */
#if defined(__gnu_linux__) && defined(__x86_64__)
#define TONEARM_FLOOR(name) __asm__(".symver " #name "," #name "@GLIBC_2.2.5");
#elif defined(__gnu_linux__) && defined(__aarch64__)
#define TONEARM_FLOOR(name) __asm__(".symver " #name "," #name "@GLIBC_2.17");
#endif
#ifdef TONEARM_FLOOR
TONEARM_FLOOR(dlopen)
TONEARM_FLOOR(dlsym)
TONEARM_FLOOR(dlerror)
TONEARM_FLOOR(pthread_once)
TONEARM_FLOOR(pthread_create)
TONEARM_FLOOR(pthread_join)
TONEARM_FLOOR(pthread_sigmask)
TONEARM_FLOOR(exp)
TONEARM_FLOOR(log)
TONEARM_FLOOR(pow)
#undef TONEARM_FLOOR
#endif
