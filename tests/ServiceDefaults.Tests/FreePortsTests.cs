using PayCore.ServiceDefaults.Ports;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>Ports for processes that must know theirs before they start.</summary>
public sealed class FreePortsTests
{
    /// <summary>Two demos side by side took the same port: it is free until the one that chose it has started.</summary>
    [Fact]
    public void Take_PortsOfABlock_KeepsOtherProgramsOutOfIt()
    {
        var ports = FreePorts.Take(250);

        ports.Should().OnlyHaveUniqueItems().And.OnlyContain(p => p > 10_000 && p < 32_000);
        ports.Select(p => p / 100 * 100).Distinct().Should().HaveCountGreaterThan(2).And.OnlyContain(first => !FreePorts.IsFree(first), "another program takes no block whose first port somebody has");
        ports.Should().NotContain(p => p % 100 == 0);
    }
}
