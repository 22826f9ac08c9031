import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // The projects one after the other: they differ in how many workers two cores can bear.
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'infra',
          sequence: { groupOrder: 2 },
          include: ['test/infra/**/*.test.ts'],
          globalSetup: ['test/support/cdk-folder.ts'],
          testTimeout: 60_000,
          // The CDK takes seconds to load, and templates are values: one loading serves all files.
          isolate: false,
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 3 },
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/real-parts.ts', 'test/support/cdk-folder.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Two cores also carry the broker and DynamoDB Local.
          maxWorkers: 2,
        },
      },
    ],
  },
});
