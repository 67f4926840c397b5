/**
 * The speaker as a process: hands it its flags and environment. The only file of the speaker that knows it is one.
 */
import { hostname } from 'node:os';
import { homeFolder } from '#protocol/adapters/home-folder';
import { runProgram } from '#protocol/adapters/program';
import { startSpeaker } from './compose.ts';
import { parseConfig, USAGE } from './config.ts';
import { playsToStdout } from './sink-choice.ts';
import { SPEAKER_VERSION } from './version.ts';

const EXIT_NOT_HEARD = 1;
const EXIT_NOT_WORKING = 1;
/** In ten seconds, on a card that wears: many times what a busy speaker says at the finest level. */
const LOG_LINES_MAX = 2_000;

const given = process.argv.slice(2);
// The single file is called `tonearm`, as the command that runs this program from the source tree.
const words = given[0] === 'speaker' ? given.slice(1) : given;
const [command, ...others] = words;
const isReset = command === 'reset';
const isUpdate = command === 'update';
// Beside a file that a person at this machine has brought, and nowhere else.
const MAY_BE_OLDER = '--allow-downgrade';
const [updateFile, ...updateFlags] = others.filter((word) => word !== MAY_BE_OLDER);

const isDoctor = command === 'doctor';

const around = { env: process.env, hostname: hostname(), homeFolder: homeFolder() };
const doctor = isDoctor ? await import('./doctor-request.ts').then((it) => it.parseDoctorWords(others)) : null;
const flags = doctor?.ok === true ? doctor.value.rest : isReset ? others : isUpdate ? updateFlags : words;
const invocation = doctor?.ok === false ? doctor : parseConfig(flags, around);

if (command === 'pair') {
  const { runPairCommand } = await import('./compose-pair-command.ts');
  const screen = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
  };
  process.exitCode = await runPairCommand(others, around, screen);
} else if (invocation.ok && invocation.value.kind === 'run' && isReset) {
  const { runReset } = await import('./compose-reset.ts');
  process.exitCode = await runReset(invocation.value.config, process);
} else if (invocation.ok && invocation.value.kind === 'run' && doctor?.ok === true) {
  const { runDoctor } = await import('./compose-doctor.ts');
  const { env, versions, arch } = process;
  const screen = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
  };
  process.exitCode = await runDoctor(invocation.value.config, doctor.value.request, { env, versions, arch, ...screen });
} else if (invocation.ok && invocation.value.kind === 'run' && isUpdate) {
  const { runUpdateCommand } = await import('./compose-update-command.ts');
  const screen = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
  };
  process.exitCode = await runUpdateCommand(
    { file: updateFile, mayBeOlder: others.includes(MAY_BE_OLDER) },
    invocation.value.config,
    screen,
  );
} else if (invocation.ok && invocation.value.kind === 'run' && invocation.value.config.isSelfTest) {
  const { runSelfTest } = await import('./compose-self-test.ts');
  const line = await runSelfTest(process);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exitCode = line.isWorking ? 0 : EXIT_NOT_WORKING;
} else if (invocation.ok && invocation.value.kind === 'run' && invocation.value.config.isSoundTest) {
  const { config } = invocation.value;
  // Loaded for itself: a speaker that is started anew must be heard soon, and needs none of it.
  const { runSoundTest } = await import('./compose-sound-test.ts');
  const line = await runSoundTest(config);
  (playsToStdout(config.sink) ? process.stderr : process.stdout).write(`${JSON.stringify(line)}\n`);
  process.exitCode = line.verdict === 'plays' ? 0 : EXIT_NOT_HEARD;
} else {
  await runProgram(
    process,
    {
      name: 'speaker',
      label: 'tonearm speaker',
      usage: USAGE,
      version: SPEAKER_VERSION,
      logLinesMax: LOG_LINES_MAX,
      logsToStderr: (config) => playsToStdout(config.sink),
      start: async (config, logger) => {
        const speaker = await startSpeaker(config, logger, {
          pid: process.pid,
          env: process.env,
          end: () => process.kill(process.pid, 'SIGTERM'),
          endGroup: (pid) => process.kill(-pid, 'SIGKILL'),
        });
        const { id, name, output, lanPort, recordFlight } = speaker;
        const recording = recordFlight === null ? {} : { recordFlight };
        return { ready: { name, id, output, lanPort }, ...recording, stop: () => speaker.stop() };
      },
    },
    invocation,
  );
}
