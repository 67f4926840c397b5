/**
 * The source of the npm package `speaker` (node-speaker), and what has to be mended in it before a speaker may use it. Each
 * mend replaces a text that is there exactly once, so that another version's source is refused rather than half mended.
 */

/** Fetched from the registry by name and version, and compared with its published hash. */
export const SPEAKER_PACKAGE = {
  name: 'speaker',
  version: '0.5.5',
  sha512: 'IBeMZUITigYBO139h0+1MAgBHNZF55GFJN4U/Box35Sg49cfqYkbCO92TXoCUy22Ast08zfqKuXLvPxq9CWwLw==',
} as const;

/** Files that are compiled, from the package's root. */
export const SPEAKER_SOURCES: readonly string[] = ['src/binding.c', 'deps/mpg123/src/output/alsa.c'];

/** The variable that says how much sound its device holds, in ms; half a second, as it was, without. */
export const SPEAKER_BUFFER_VARIABLE = 'SPEAKER_BUFFER_MS';

export interface Mend {
  readonly why: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const SPEAKER_MENDS: readonly Mend[] = [
  {
    why: 'each write leaked its work item: 59 MB an hour',
    file: 'src/binding.c',
    from: '  napi_deferred deferred;\n} WriteData;',
    to: '  napi_deferred deferred;\n  napi_async_work work;\n} WriteData;',
  },
  {
    why: 'as above',
    file: 'src/binding.c',
    from: '  napi_async_work work;\n  assert(napi_create_async_work(env, NULL, work_name, write_execute, write_complete, (void*) data, &work) == napi_ok);\n\n  assert(napi_queue_async_work(env, work) == napi_ok);',
    to: '  assert(napi_create_async_work(env, NULL, work_name, write_execute, write_complete, (void*) data, &data->work) == napi_ok);\n\n  assert(napi_queue_async_work(env, data->work) == napi_ok);',
  },
  {
    why: 'as above',
    file: 'src/binding.c',
    from: '  free(_data);\n',
    to: '  napi_delete_async_work(env, data->work);\n  free(_data);\n',
  },
  {
    why: 'loading opened the default device to ask for its formats, and ended the process where there was none',
    file: 'src/binding.c',
    from: '  mpg123_output_module_info.init_output(&ao);\n  ao.channels = 2;\n  ao.rate = 44100;\n  ao.format = MPG123_ENC_SIGNED_16;\n  ao.open(&ao);\n\n  int formats = ao.get_formats(&ao);\n\n  ao.close(&ao);\n\n  return formats;',
    to: '  /* What ALSA knows; whether a device has it is found when it is opened. */\n  return MPG123_ENC_SIGNED_16 | MPG123_ENC_SIGNED_24 | MPG123_ENC_SIGNED_32;',
  },
  {
    why: 'the buffer was half a second, whatever was wanted',
    file: 'deps/mpg123/src/output/alsa.c',
    from: '#define BUFFER_LENGTH 0.5\t/* in seconds */',
    to: `/* in seconds */
static double buffer_length(void) {
  const char *wanted = getenv("${SPEAKER_BUFFER_VARIABLE}");
  double ms = wanted == NULL ? 0 : atof(wanted);
  return ms >= 10 && ms <= 2000 ? ms / 1000 : 0.5;
}`,
  },
  {
    why: 'as above',
    file: 'deps/mpg123/src/output/alsa.c',
    from: 'buffer_size = rate * BUFFER_LENGTH;',
    to: 'buffer_size = rate * buffer_length();',
  },
];

/**
 * @param text of `file` @returns it mended
 * @throws Error when a text that is to be replaced is not there exactly once
 */
export function mendSource(file: string, text: string, mends: readonly Mend[] = SPEAKER_MENDS): string {
  let mended = text;
  for (const { from, to, why } of mends.filter((mend) => mend.file === file)) {
    const parts = mended.split(from);
    if (parts.length !== 2) throw new Error(`${file}: ${parts.length - 1} places to mend where there is one (${why})`);
    mended = parts.join(to);
  }
  return mended;
}

/** Folders of headers. The package has no configuration for arm64; x64's is right for it, since only sizes are in it. */
export const SPEAKER_INCLUDES: readonly string[] = [
  'deps/mpg123/src',
  'deps/mpg123/src/output',
  'deps/mpg123/src/libmpg123',
  'deps/mpg123/config/linux/x64',
];

/** As its own build file has them. Never NDEBUG: its asserts do the work that they check. */
export const SPEAKER_DEFINES: readonly string[] = [
  'NODE_GYP_MODULE_NAME=binding',
  'PIC',
  'NOXFERMEM',
  'REAL_IS_FLOAT',
  'HAVE_CONFIG_H',
  'BUILDING_OUTPUT_MODULES=1',
];
