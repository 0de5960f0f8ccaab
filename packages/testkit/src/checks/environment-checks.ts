import { deepEqual, ok } from 'node:assert/strict'
import { topic } from '../conformance.ts'
import { asking } from '../expectations.ts'

/** Variables that official SDKs read by themselves. */
const variables: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'sk-from-the-environment',
  OPENAI_ADMIN_KEY: 'sk-admin-from-the-environment',
  OPENAI_BASE_URL: 'http://127.0.0.1:1/leaked',
  OPENAI_ORG_ID: 'org-leaked',
  OPENAI_PROJECT_ID: 'proj-leaked',
  OPENAI_CUSTOM_HEADERS: 'x-leaked: yes',
  OPENAI_WEBHOOK_SECRET: 'leaked',
  ANTHROPIC_API_KEY: 'sk-ant-from-the-environment',
  ANTHROPIC_AUTH_TOKEN: 'token-leaked',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/leaked',
  ANTHROPIC_CUSTOM_HEADERS: 'x-leaked: yes',
  GOOGLE_API_KEY: 'google-leaked',
  GEMINI_API_KEY: 'gemini-leaked',
  GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1/leaked',
  GOOGLE_GENAI_USE_VERTEXAI: 'true',
  GOOGLE_GENAI_USE_ENTERPRISE: 'true',
  GOOGLE_CLOUD_PROJECT: 'project-leaked',
  GOOGLE_CLOUD_LOCATION: 'location-leaked',
  OLLAMA_HOST: 'http://127.0.0.1:1',
  OLLAMA_API_KEY: 'ollama-leaked',
}

export const environmentChecks = topic('environment', [
  [
    'nothing of the environment reaches the server',
    async bench => {
      const before = Object.fromEntries(Object.keys(variables).map(name => [name, process.env[name]]))
      Object.assign(process.env, variables)
      try {
        const provider = await bench.create({})
        await (await provider.sendMessage(asking(bench, 'Hi'))).response()
        await provider.getModels()
      } finally {
        for (const [name, value] of Object.entries(before)) {
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
        }
      }
      ok(bench.simulator.requestCount >= 2, 'the requests went elsewhere')
      for (const { headers, keyOk } of bench.simulator.requests) {
        ok(keyOk, 'another key was sent')
        const leaked = Object.entries(headers).filter(([name, value]) => /leaked/.test(`${name} ${value}`))
        deepEqual(leaked, [])
      }
    },
  ],
])
