import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// tests read our packages from source, so that coverage and stack traces speak of what we wrote
const packages = fileURLToPath(new URL('./packages/', import.meta.url))
const alias = readdirSync(packages)
  .filter(name => existsSync(`${packages}${name}/src/index.ts`))
  .flatMap(name => [
    { find: new RegExp(`^@switchyard/${name}$`), replacement: `${packages}${name}/src/index.ts` },
    { find: new RegExp(`^@switchyard/${name}/(.+)$`), replacement: `${packages}${name}/src/$1/index.ts` },
  ])

const fleet = ['proof/fleet/fleet.test.ts', 'proof/soak/soak.test.ts']

const report = process.env.TEST_REPORT

export default defineConfig({
  resolve: { alias },
  test: {
    // by default one core is left idle
    maxWorkers: '100%',
    // ends what hangs, and nothing that a busy machine is slow at
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: [
            '{packages,apps}/*/{src,test}/**/*.test.ts',
            'checks/**/*.test.ts',
            'examples/*/*.test.ts',
            'interop/*.test.ts',
            'proof/*/*.test.ts',
            'tools/*/src/*.test.ts',
          ],
          exclude: fleet,
          sequence: { groupOrder: 0 },
        },
      },
      // many processes and callers want the machine for themselves, one after the other
      { extends: true, test: { name: 'fleet', include: fleet, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['packages/{core,dialects}/src/**/*.ts'],
      exclude: ['**/*.{test,fixture}.ts'],
      reportOnFailure: true,
      reporter: [
        ['text-summary', {}],
        ['json-summary', {}],
        ['html', {}],
      ],
      // each on its own, so that one cannot carry the other
      thresholds: {
        'packages/core/src/**': { lines: 95, branches: 95 },
        'packages/dialects/src/**': { lines: 95, branches: 95 },
      },
    },
  },
})
