// Reads and judges Kubernetes objects: YAML in, the objects and a list of problems out. Each object is held against its kind's schema (types, formats, what must be there), and against its
// kind's TypeScript interface, which alone knows what may not be there: the schemas let unknown fields pass.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import ts from 'typescript';

const packages = { 'gateway.networking.k8s.io': '@kubernetes-models/gateway-api/', 'cert-manager.io': '@kubernetes-models/cert-manager/' };
const problems = [];
const objects = [];
for (const document of parseAllDocuments(readFileSync(0, 'utf8'))) {
  const object = document.toJS();
  if (object !== null) {
    // Kustomize wraps long values, which Kubernetes reads as one.
    for (const [key, value] of object.kind === 'Secret' ? Object.entries(object.data ?? {}) : []) {
      object.data[key] = value.replaceAll('\n', '');
    }

    const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
    objects.push({ object, name: `${object.kind}/${object.metadata?.name}`, model: `${packages[group] ?? 'kubernetes-models/'}${object.apiVersion}/${object.kind}` });
  }
}

for (const { object, name, model } of objects) {
  try {
    const Model = (await import(model))[object.kind];
    new Model(object).validate();
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
}

const lines = objects.map(({ object, model }, i) => `import type { I${object.kind} as K${i} } from '${model}'; const v${i}: K${i} = ${JSON.stringify(object)};`);
const file = `${import.meta.dirname ?? '.'}/objects.ts`;
const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler };
const host = ts.createCompilerHost(options);
const real = host.getSourceFile.bind(host);
host.getSourceFile = (path, ...rest) => path === file ? ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.Latest, true) : real(path, ...rest);
const program = ts.createProgram([file], options, host);
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const line = diagnostic.file?.fileName === file ? ts.getLineAndCharacterOfPosition(diagnostic.file, diagnostic.start).line : undefined;
  problems.push(`${objects[line]?.name ?? 'types'}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`);
}

process.stdout.write(JSON.stringify({ objects: objects.map(o => o.object), problems }));
