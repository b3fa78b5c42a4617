using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace PayCore.Architecture.Tests;

/// <summary>
/// The seams of architecture.md section 2: one clock, one source of randomness, no work that nobody awaits on a thread of its own, nothing that blocks.
/// Read from the compiled assemblies, so that no spelling of it gets by.
/// </summary>
public sealed class SeamTests
{
    private static readonly string[] _banned =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
        "System.Diagnostics.Stopwatch.GetTimestamp", "System.Diagnostics.Stopwatch.StartNew",
        "System.Threading.Thread.Sleep", "System.Threading.Thread..ctor", "System.Threading.Thread.Start",
        "System.Threading.Tasks.Task.Run", "System.Threading.Tasks.Task.Wait", "System.Threading.Tasks.Task.WaitAll", "System.Threading.Tasks.Task.WaitAny",
        "System.Threading.Tasks.Task`1.get_Result", "System.Threading.Tasks.TaskFactory.StartNew", "System.Threading.ThreadPool.QueueUserWorkItem",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7",
        "System.Random..ctor", "System.Random.get_Shared",
        "System.Security.Cryptography.RandomNumberGenerator.Fill", "System.Security.Cryptography.RandomNumberGenerator.GetBytes",
        "System.Security.Cryptography.RandomNumberGenerator.GetInt32",
        "System.Timers.Timer..ctor",
    ];

    /// <summary>Where a seam is made, it is used.</summary>
    private static readonly string[] _allowed =
    [
        "PayCore.ServiceDefaults.dll System.Security.Cryptography.RandomNumberGenerator.Fill",
        "PayCore.ChannelSimulator.dll System.Security.Cryptography.RandomNumberGenerator.Fill",
    ];

    [Fact]
    public void Product_UsesNoClockRandomnessOrThreadOfItsOwn()
    {
        Product.Assemblies.Should().NotBeEmpty();
        var found = Product.Assemblies
            .SelectMany(a => References(a).Select(r => $"{Path.GetFileName(a)} {r}"))
            .Where(r => _banned.Contains(r.Split(' ')[1]) && !_allowed.Contains(r))
            .ToList();

        found.Should().BeEmpty();
    }

    [Fact]
    public void Delays_AreByTheInjectedClock()
    {
        // Task.Delay and CancellationTokenSource have overloads with and without a TimeProvider; the signature tells them apart.
        var found = Product.Assemblies.SelectMany(a => DelaysWithoutClock(a).Select(r => $"{Path.GetFileName(a)} {r}")).ToList();

        found.Should().BeEmpty();
    }

    [Fact]
    public void Sql_HasNoTimeFunction()
    {
        string[] words = [" NOW()", "(NOW()", "CURRENT_TIMESTAMP", "UTC_TIMESTAMP", "SYSDATE", "UNIX_TIMESTAMP", "datetime('now", "strftime("];
        // The one that compares the server's clock with ours, and uses it for nothing else.
        var found = Directory.EnumerateFiles(Path.Combine(Product.Source, "PayDatabase"), "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "SqlClock.cs")
            .SelectMany(f => words.Where(w => File.ReadAllText(f).Contains(w, StringComparison.OrdinalIgnoreCase)).Select(w => $"{Path.GetFileName(f)} {w}"));

        found.Should().BeEmpty();
    }

    [Fact]
    public void Database_CommitsInOneMethod()
    {
        var found = Directory.EnumerateFiles(Product.Source, "*.cs", SearchOption.AllDirectories)
            .Where(f => File.ReadAllText(f).Contains(".CommitAsync(", StringComparison.Ordinal) || File.ReadAllText(f).Contains(".Commit()", StringComparison.Ordinal))
            .Select(Path.GetFileName);

        found.Should().Equal("WriteLoops.cs");
    }

    private static IEnumerable<string> References(string assembly)
    {
        using var stream = File.OpenRead(assembly);
        using var pe = new PEReader(stream);
        var metadata = pe.GetMetadataReader();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            yield return $"{TypeName(metadata, member.Parent)}.{metadata.GetString(member.Name)}";
        }
    }

    private static IEnumerable<string> DelaysWithoutClock(string assembly)
    {
        using var stream = File.OpenRead(assembly);
        using var pe = new PEReader(stream);
        var metadata = pe.GetMetadataReader();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            var name = $"{TypeName(metadata, member.Parent)}.{metadata.GetString(member.Name)}";
            if (name is not ("System.Threading.Tasks.Task.Delay" or "System.Threading.Tasks.Task.WaitAsync" or "System.Threading.Tasks.Task`1.WaitAsync"
                or "System.Threading.CancellationTokenSource.CancelAfter" or "System.Threading.CancellationTokenSource..ctor"))
            {
                continue;
            }

            var parameters = member.DecodeMethodSignature(new Names(), null).ParameterTypes;
            var hasDuration = parameters.Any(p => p is "System.TimeSpan" or "Int32");
            if (hasDuration && !parameters.Contains("System.TimeProvider"))
            {
                yield return $"{name}({string.Join(", ", parameters)})";
            }
        }
    }

    private static string TypeName(MetadataReader metadata, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference when metadata.GetTypeReference((TypeReferenceHandle)handle) is var type =>
            $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}",
        HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(new Names(), null),
        _ => "",
    };

    /// <summary>Type names as text; enough to compare.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public string GetArrayType(string elementType, ArrayShape shape) => elementType;

        public string GetByReferenceType(string elementType) => elementType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "";

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => genericType;

        public string GetGenericMethodParameter(object? genericContext, int index) => "";

        public string GetGenericTypeParameter(object? genericContext, int index) => "";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType;

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"{typeCode}";

        public string GetSZArrayType(string elementType) => elementType;

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => "";

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => TypeName(reader, handle);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "";
    }
}
