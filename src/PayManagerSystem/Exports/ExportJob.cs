using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Exports;

/// <summary>How far an export is.</summary>
internal enum ExportState
{
    /// <summary>Others are before it.</summary>
    Waiting,

    /// <summary>Rows are being written.</summary>
    Writing,

    /// <summary>The file is whole.</summary>
    Done,

    /// <summary>It could not be written.</summary>
    Failed,
}

/// <summary>A list on its way into a file.</summary>
/// <param name="Id">Unguessable; and only its owner gets the file.</param>
/// <param name="OperatorId">Whose it is.</param>
/// <param name="Source">The list.</param>
/// <param name="Query">Its filters.</param>
/// <param name="Preferences">The language of its headings, and the time zone of its times.</param>
/// <param name="Path">The file.</param>
/// <param name="AskTime">When it was asked for.</param>
internal sealed record ExportJob(string Id, string OperatorId, RecordSource Source, string Query, Preferences Preferences, string Path, DateTimeOffset AskTime)
{
    private int _state;
    private long _rows;
    private int _isCut;

    /// <summary>How far it is.</summary>
    public ExportState State
    {
        get => (ExportState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Rows that are written.</summary>
    public long Rows
    {
        get => Volatile.Read(ref _rows);
        set => Volatile.Write(ref _rows, value);
    }

    /// <summary>The list has more than a file may.</summary>
    public bool IsCut
    {
        get => Volatile.Read(ref _isCut) != 0;
        set => Volatile.Write(ref _isCut, value ? 1 : 0);
    }

    /// <summary>Neither done nor failed.</summary>
    public bool IsUnderWay => State is ExportState.Waiting or ExportState.Writing;

    /// <summary>The file's name for who downloads it.</summary>
    public string FileName => $"paycore-{Source.Name}-{TimeZoneInfo.ConvertTime(AskTime, Preferences.TimeZone):yyyyMMdd-HHmmss}.csv";
}
