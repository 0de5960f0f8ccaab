import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { codeBlocks, readmeObjection } from './readme-blocks.ts'
import { ExampleProject, readmeExamples } from './readme-examples.ts'
import { simulatedProviders } from './simulated-providers.ts'
import { publicPackages } from './workspace.ts'

const fence = '```'

describe('a page', () => {
  test.each(publicPackages().map(one => [one.manifest.name, one] as const))(
    '%s opens with a runnable example',
    (name, { directory }) => {
      const path = join(directory, 'README.md')
      expect(readmeObjection(existsSync(path) ? readFileSync(path, 'utf8') : '', name)).toBeUndefined()
    },
  )

  test('a planted page without an example, or with a late or a foreign one, is refused', () => {
    const example = `${fence}ts\nimport { x } from '@switchyard/x'\n${fence}\n`
    expect(readmeObjection(`# x\n\nOne paragraph.\n\n${example}`, '@switchyard/x')).toBeUndefined()
    expect(readmeObjection(`# x\n\nOne.\n\nTwo.\n\n${example}`, '@switchyard/x')).toContain('one paragraph')
    expect(readmeObjection('# x\n\nWords.\n', '@switchyard/x')).toBe('has no example')
    expect(readmeObjection(`# x\n\n${example}`, '@switchyard/y')).toContain('does not import')
    expect(readmeObjection(example, '@switchyard/x')).toContain('title')
  })

  test('code blocks are found with their language, flags and line', () => {
    expect(codeBlocks(`# x\n\n${fence}ts run\na\nb\n${fence}\n\n${fence}sh\nc\n${fence}`)).toEqual([
      { language: 'ts', flags: ['run'], code: 'a\nb\n', line: 4 },
      { language: 'sh', flags: [], code: 'c\n', line: 9 },
    ])
  })
})

describe('typescript in the pages', () => {
  const examples = readmeExamples('ts')
  const project = new ExampleProject()
  afterAll(() => project[Symbol.dispose]())

  const file = (index: number) => `example-${index}.ts`
  let complaints: readonly string[] = []
  beforeAll(async () => {
    for (const [index, { code }] of examples.entries()) project.write(file(index), code)
    complaints = (await project.typecheck()).output.split('\n')
  }, 120_000)

  test.each(examples.map(({ source }, index) => [source, index] as const))('%s typechecks', (_, index) => {
    expect(complaints.filter(line => line.startsWith(file(index)))).toEqual([])
  })

  const runnable = examples.flatMap(({ source, flags }, index) =>
    flags.includes('run') ? [[source, index] as const] : [],
  )

  test.each(runnable)('%s runs', { timeout: 60_000 }, async (_, index) => {
    const { startSimulator } = await import('@switchyard/simulator')
    const environment: Record<string, string> = {}
    for (const { variables, api } of await simulatedProviders()) {
      if (!new RegExp(`\\b${variables}_`).test(examples[index]?.code ?? '')) continue
      const simulator = await startSimulator({ api, anyKey: true, anyModel: true })
      onTestFinished(() => simulator.close())
      environment[`${variables}_API_KEY`] = 'sk-example'
      environment[`${variables}_BASE_URL`] = environment[`${variables}_HOST`] = simulator.baseURL
    }
    const outcome = await project.run(file(index), environment)
    expect(outcome).toEqual({ ok: true, output: expect.stringMatching(/\w/) })
  })

  test('a planted mistake is seen, and so is a planted crash', { timeout: 60_000 }, async () => {
    using planted = new ExampleProject()
    planted.write(
      'wrong.ts',
      "import { SwitchyardError } from '@switchyard/core/contract'\nSwitchyardError.nothing()\n",
    )
    planted.write('crash.ts', "throw new Error('planted')\n")
    expect((await planted.typecheck()).output).toContain('wrong.ts(2,')
    expect(await planted.run('crash.ts', {})).toMatchObject({ ok: false })
  })
})

describe('configuration in the pages', () => {
  const examples = readmeExamples('yaml').filter(({ flags }) => flags.includes('switchyard'))

  test.each(examples.map(({ source, code }) => [source, code] as const))('%s is accepted', async (_, code) => {
    const { parseConfig } = await import('@switchyard/config')
    const names = [...code.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, 'example'])
    expect(() => parseConfig(code, { environment: Object.fromEntries(names) })).not.toThrow()
  })
})
