namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>One page of a list, and by which keys the pages beside it begin.</summary>
/// <param name="Rows">In the order of the list.</param>
/// <param name="Previous">Behind it, backwards, lies the page before; null: there is none.</param>
/// <param name="Next">Behind it lies the page after; null: there is none.</param>
internal sealed record KeysetPage<T>(IReadOnlyList<T> Rows, string? Previous, string? Next)
{
    /// <summary>No rows.</summary>
    public static KeysetPage<T> Empty { get; } = new([], null, null);

    /// <summary>Reads a page, and one row more to know whether another follows.</summary>
    /// <param name="size">Rows of a page.</param>
    /// <param name="before">The page ends before this key, when that is not empty.</param>
    /// <param name="after">Or it begins behind this one; empty: the first page.</param>
    /// <param name="read">Reads at most so many rows: behind a key or before a key (nearest first); the other one is empty.</param>
    /// <param name="key">A row's key.</param>
    public static async Task<KeysetPage<T>> ReadAsync(int size, string? before, string? after, Func<string, string, int, Task<IReadOnlyList<T>>> read, Func<T, string> key)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(key);
        if (!string.IsNullOrEmpty(before))
        {
            var found = await read("", before, size + 1);
            if (found.Count > size)
            {
                List<T> rows = [.. found.Take(size).Reverse()];
                return new KeysetPage<T>(rows, key(rows[0]), key(rows[^1]));
            }

            // Less than a page lies before: that is the beginning, and it is shown in full.
            after = "";
        }

        var page = await read(after ?? "", "", size + 1);
        List<T> shown = [.. page.Take(size)];
        var isFirst = string.IsNullOrEmpty(after) || shown.Count == 0;
        return new KeysetPage<T>(shown, isFirst ? null : key(shown[0]), page.Count > size ? key(shown[^1]) : null);
    }
}
