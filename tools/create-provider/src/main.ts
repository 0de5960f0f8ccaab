import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dialects } from './dialects.ts'
import { UsageError } from './provider-name.ts'
import { type ProviderChoice, writeProvider } from './write-provider.ts'

const root = join(import.meta.dirname, '../../..')

const choices = Object.entries(dialects).map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`)
const usage = `Writes packages/<name>, a provider that builds, and that the conformance suite tests.

  npx pnpm@12 create-provider <name> [--dialect <dialect>] [--base-url <address>]

<name>: letters a to z, digits, and "-" between them.
<dialect>: what its server speaks; openai-chat where nothing is said.
${choices.join('\n')}
<address>: where its API begins, like https://api.acme.example/v1. src/provider.ts holds it.`

try {
  const { help, ...choice } = readArguments()
  if (help) console.log(usage)
  else create(choice)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\nnpx pnpm@12 create-provider --help says more.`)
  process.exitCode = 1
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        dialect: { type: 'string', default: 'openai-chat' },
        'base-url': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [name = '', ...others] = positionals
    if (others.length > 0) throw new UsageError(`One name is enough: ${positionals.join(' ')}`)
    return { name, dialect: values.dialect, baseURL: values['base-url'], help: values.help }
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

function create(choice: ProviderChoice): void {
  const { name, dialect } = choice
  const files = writeProvider(root, choice)
  // names differ in length, and so do the lines that they fit on
  const format = spawnSync(join(root, 'node_modules/.bin/biome'), ['check', '--write', ...files], {
    cwd: root,
    encoding: 'utf8',
  })
  if (format.status !== 0) throw new Error(`Biome does not like what was written: ${format.stdout}${format.stderr}`)
  const first = dialect === 'own' ? 'src/dialect/encode-request.ts and src/simulated-api.fixture.ts' : 'src/provider.ts'
  console.log(`packages/${name} is written, and .changeset/${name}-provider.md.

Install it, test it, and give it a column in the table of providers:
  npx pnpm@12 install
  npx pnpm@12 exec vitest run packages/${name}
  npx pnpm@12 run docs:providers

Edit ${first}; what it cannot do goes into src/conformance.fixture.ts, with the reason.
docs/adding-a-provider.md walks through one. Before you send it: npx pnpm@12 run check`)
}
