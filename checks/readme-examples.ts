import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type CodeBlock, codeBlocks } from './readme-blocks.ts'
import { repositoryRoot, workspacePackages } from './workspace.ts'

export interface Example extends CodeBlock {
  /** "packages/core/README.md:12" */
  readonly source: string
}

export function readmeExamples(language: string): readonly Example[] {
  return globSync(['README.md', 'docs/*.md', '{packages,apps}/*/README.md'], { cwd: repositoryRoot })
    .sort()
    .flatMap(path =>
      codeBlocks(readFileSync(join(repositoryRoot, path), 'utf8'))
        // a file of a walk-through is built where it says
        .filter(block => block.language === language && !block.flags.some(flag => flag.startsWith('file=')))
        .map(block => ({ ...block, source: `${path}:${block.line}` })),
    )
}

export interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** A user's project in a temporary folder, with every package of ours and all that they depend on installed by link. */
export class ExampleProject implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'switchyard-examples-'))

  constructor() {
    this.write('package.json', '{ "type": "module" }')
    this.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: 'es2023',
          lib: ['es2023', 'esnext.disposable'],
          module: 'nodenext',
          moduleDetection: 'force',
          types: ['node'],
          skipLibCheck: true,
        },
        include: ['*.ts'],
      }),
    )
    for (const { directory, manifest } of workspacePackages()) {
      this.#link(manifest.name, directory)
      for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
        this.#link(name, join(directory, 'node_modules', name))
      }
    }
    for (const name of ['@types/node', 'vitest']) this.#link(name, join(repositoryRoot, 'node_modules', name))
  }

  #link(name: string, target: string): void {
    const link = join(this.directory, 'node_modules', name)
    if (!existsSync(target) || existsSync(link)) return
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(target, link, 'dir')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text)
  }

  typecheck(): Promise<Outcome> {
    return run(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-p', this.directory], this.directory, {})
  }

  run(name: string, environment: Readonly<Record<string, string>>): Promise<Outcome> {
    return run(process.execPath, [basename(name)], this.directory, environment)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...environment }
  return new Promise(resolve => {
    execFile(command, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}` })
    })
  })
}
